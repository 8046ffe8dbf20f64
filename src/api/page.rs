//! Lists in pages.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

/// Most items of a page.
const MOST: usize = 500;
const USUAL: usize = 100;

/// Which page of a list.
#[derive(Deserialize, IntoParams, Clone, Copy, Debug, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Which page; the first is 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1)]
    pub page: Option<usize>,
    /// Items of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub per_page: Option<usize>,
}

/// A page of a list.
#[derive(Serialize, ToSchema, Debug)]
pub struct Page<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: usize,
    /// Which page this is; the first is 1.
    pub page: usize,
    /// Most items of a page.
    pub per_page: usize,
}

impl Paging {
    /// The page and its size, the usual ones where none is named.
    ///
    /// # Errors
    /// A page or a size that is out of bounds.
    pub fn checked(self) -> Result<(usize, usize), Problem> {
        let (page, per_page) = (self.page.unwrap_or(1), self.per_page.unwrap_or(USUAL));
        if !(1..=1_000_000).contains(&page) {
            return Err(Problem::bad_request("The query: page must be from 1 to 1000000."));
        }
        if !(1..=MOST).contains(&per_page) {
            return Err(Problem::bad_request(format!("The query: per_page must be from 1 to {MOST}.")));
        }
        Ok((page, per_page))
    }

    /// The page of these; only what is on it is made.
    ///
    /// # Errors
    /// As [`Self::checked`].
    pub fn of<S, T>(self, all: &[S], make: impl Fn(&S) -> T) -> Result<Page<T>, Problem> {
        let (page, per_page) = self.checked()?;
        let items = all.iter().skip((page - 1) * per_page).take(per_page).map(make).collect();
        Ok(Page { items, total: all.len(), page, per_page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_all_and_nothing_twice() {
        let all: Vec<u32> = (0..205).collect();
        let page = |page, per_page| {
            Paging { page: Some(page), per_page: Some(per_page) }.of(&all, |number| *number).ok()
        };
        let seen: Vec<_> = (1..=3).flat_map(|n| page(n, 100).unwrap().items).collect();
        assert_eq!(seen, all);
        assert!(page(4, 100).unwrap().items.is_empty());
        assert!(page(0, 100).is_none() && page(1, 0).is_none() && page(1, 501).is_none());
    }
}
