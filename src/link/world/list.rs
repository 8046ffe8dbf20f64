//! One list of the world, as steps from what it was to what it is.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What is in a list of the world.
pub trait Item: Clone + PartialEq + Serialize + DeserializeOwned {
    /// What it is known by.
    type Id: Eq + Hash;
    /// How a change travels that is not worth the whole.
    type Patch: Serialize + DeserializeOwned;

    /// What it is known by.
    fn id(&self) -> Self::Id;

    /// What makes `new` of this one; `None` where all of `new` is to travel.
    fn patch(&self, _new: &Self) -> Option<Self::Patch> {
        None
    }

    /// This one with the change made; `None` where it does not fit.
    fn patched(&self, _patch: Self::Patch) -> Option<Self> {
        None
    }
}

/// A step of making a new list from the old one, in which a finger stands.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Step<T, P> {
    /// So many from the finger on are as they were; it moves behind them.
    Keep(u32),
    /// The one at the finger, changed; it moves behind it.
    Patch(P),
    /// The finger moves to this place.
    Seek(u32),
    /// A new one, or one that is to be replaced as a whole.
    Whole(T),
}

/// The steps for a type of item.
pub type StepOf<T> = Step<T, <T as Item>::Patch>;

/// What makes `new` of `old`: nothing where nothing changed. What no step names is gone.
pub fn steps<T: Item>(old: &[Arc<T>], new: &[Arc<T>]) -> Option<Vec<StepOf<T>>> {
    let same = |(a, b): (&Arc<T>, &Arc<T>)| Arc::ptr_eq(a, b) || a == b;
    if old.len() == new.len() && old.iter().zip(new).all(same) {
        return None;
    }
    let places: HashMap<T::Id, usize> = old.iter().enumerate().map(|(at, item)| (item.id(), at)).collect();
    let mut steps = Vec::new();
    let mut finger = 0;
    for item in new {
        let before = places.get(&item.id()).copied();
        let change = before.map(|at| (at, &old[at])).and_then(|(at, before)| {
            let step = match same((before, item)) {
                true => Step::Keep(1),
                false => Step::Patch(before.patch(item)?),
            };
            Some((at, step))
        });
        let Some((at, step)) = change else {
            steps.push(Step::Whole(T::clone(item)));
            // Where a whole one stands for the one at the finger, that is passed over.
            if before == Some(finger) {
                steps.push(Step::Seek(index(finger + 1)));
                finger += 1;
            }
            continue;
        };
        if at != finger {
            steps.push(Step::Seek(index(at)));
        }
        finger = at + 1;
        match (steps.last_mut(), step) {
            (Some(Step::Keep(kept)), Step::Keep(_)) => *kept += 1,
            (_, step) => steps.push(step),
        }
    }
    // A last look elsewhere has no meaning.
    if matches!(steps.last(), Some(Step::Seek(_))) {
        steps.pop();
    }
    Some(steps)
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A list that is being made from an old one.
#[derive(Debug)]
pub struct Making<T> {
    finger: usize,
    made: Vec<Arc<T>>,
}

impl<T> Default for Making<T> {
    fn default() -> Self {
        Self { finger: 0, made: Vec::new() }
    }
}

impl<T: Item> Making<T> {
    /// Takes some steps. `None` where they do not fit to the old list; more than `max` items fit to none.
    pub fn take(&mut self, old: &[Arc<T>], steps: Vec<StepOf<T>>, max: usize) -> Option<()> {
        for step in steps {
            match step {
                Step::Keep(count) => {
                    let end = self.finger.checked_add(count as usize)?;
                    self.made.extend(old.get(self.finger..end)?.iter().cloned());
                    self.finger = end;
                }
                Step::Patch(patch) => {
                    self.made.push(Arc::new(old.get(self.finger)?.patched(patch)?));
                    self.finger += 1;
                }
                Step::Seek(at) => self.finger = at as usize,
                Step::Whole(item) => self.made.push(Arc::new(item)),
            }
            if self.made.len() > max {
                return None;
            }
        }
        Some(())
    }

    /// The new list.
    pub fn done(self) -> Vec<Arc<T>> {
        self.made
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    struct Thing {
        id: u8,
        name: u8,
        figure: u16,
    }

    impl Item for Thing {
        type Id = u8;
        type Patch = u16;
        fn id(&self) -> u8 {
            self.id
        }
        fn patch(&self, new: &Self) -> Option<u16> {
            (self.name == new.name).then_some(new.figure)
        }
        fn patched(&self, figure: u16) -> Option<Self> {
            Some(Self { figure, ..self.clone() })
        }
    }

    fn list() -> impl Strategy<Value = Vec<Arc<Thing>>> {
        prop::collection::vec((0u8..12, 0u8..2, 0u16..3), 0..12).prop_map(|things| {
            let mut list: Vec<Arc<Thing>> = Vec::new();
            for (id, name, figure) in things {
                if list.iter().all(|thing| thing.id != id) {
                    list.push(Arc::new(Thing { id, name, figure }));
                }
            }
            list
        })
    }

    proptest! {
        /// Whatever two lists are: the steps lead from one to the other.
        #[test]
        fn steps_lead_from_one_to_the_other(old in list(), new in list()) {
            match steps(&old, &new) {
                None => prop_assert_eq!(old, new),
                Some(steps) => {
                    let mut making = Making::default();
                    // They may come in pieces.
                    for step in steps {
                        making.take(&old, vec![step], 100).unwrap();
                    }
                    prop_assert_eq!(making.done(), new);
                }
            }
        }
    }

    #[test]
    fn a_figure_that_moved_costs_a_few_bytes() {
        let old: Vec<_> = (0..100).map(|id| Arc::new(Thing { id, name: 0, figure: 0 })).collect();
        let mut new = old.clone();
        Arc::make_mut(&mut new[50]).figure = 9;
        let steps = steps(&old, &new).unwrap();
        assert_eq!(steps, [Step::Keep(50), Step::Patch(9), Step::Keep(49)]);
    }

    #[test]
    fn steps_that_fit_to_no_list_are_refused() {
        let old = vec![Arc::new(Thing { id: 0, name: 0, figure: 0 })];
        for steps in [
            vec![Step::Keep(2)],
            vec![Step::Seek(7), Step::Patch(1)],
            vec![Step::Keep(u32::MAX)],
            vec![Step::Seek(0), Step::Keep(1), Step::Seek(0), Step::Keep(1), Step::Seek(0), Step::Keep(1)],
        ] {
            assert!(Making::default().take(&old, steps, 2).is_none());
        }
    }
}
