//! A beat that all readers keep for whom nobody waits.
//!
//! Dozens of streams that each bring a measurement a second would wake the program as often as each of them does. Read in
//! step they wake it twice a second, whatever their number.

use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt};

/// How late what is read in step may come, at the most.
pub const BEAT: Duration = Duration::from_millis(500);

/// The stream's next item, at a beat after it came: items that are there already follow without a pause. Cancel-safe.
pub async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    loop {
        // Docker's streams read their connections when they are asked, and not before.
        if let Some(item) = stream.next().now_or_never() {
            return item;
        }
        tokio::time::sleep(rest()).await;
    }
}

/// How long it is until the next beat. By the clock on the wall, so that all keep the same without knowing each other; a
/// clock that jumps only shifts it.
fn rest() -> Duration {
    until_beat(jiff::Timestamp::now().as_millisecond())
}

fn until_beat(now: i64) -> Duration {
    let beat = BEAT.as_millis() as u64;
    Duration::from_millis(beat - now.unsigned_abs() % beat)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures_util::stream;
    use tokio::{sync::mpsc, time::Instant};

    use super::*;

    fn counted(mut items: mpsc::Receiver<u32>, polls: Arc<AtomicUsize>) -> impl Stream<Item = u32> + Unpin {
        stream::poll_fn(move |context| {
            polls.fetch_add(1, Ordering::Relaxed);
            items.poll_recv(context)
        })
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_is_read_at_the_next_beat_and_all_that_is_there_at_once() {
        let (sender, items) = mpsc::channel(8);
        let polls = Arc::new(AtomicUsize::new(0));
        let mut stream = counted(items, polls.clone());
        let began = Instant::now();
        let wait = async {
            tokio::time::sleep(BEAT * 10).await;
            for item in 0..4 {
                sender.send(item).await.unwrap();
            }
        };
        let read = async {
            let first = next(&mut stream).await;
            let at = began.elapsed();
            (first, at, next(&mut stream).await, next(&mut stream).await, began.elapsed())
        };
        let ((), (first, at, second, third, end)) = tokio::join!(wait, read);
        assert_eq!((first, second, third), (Some(0), Some(1), Some(2)));
        assert!(at >= BEAT * 10 && at <= BEAT * 11 && end == at, "{at:?} {end:?}");
        // Once each for the three, and in each beat no more than so often: time on the wall stands still here, so that a
        // beat may be as short as a millisecond.
        assert!(polls.load(Ordering::Relaxed) <= 5_001 + 3);
        drop(sender);
        assert_eq!((next(&mut stream).await, next(&mut stream).await), (Some(3), None));
    }

    #[test]
    fn the_next_beat_is_never_far_and_never_now() {
        assert_eq!(until_beat(1_000), BEAT);
        assert_eq!(until_beat(1_001), BEAT - Duration::from_millis(1));
        assert_eq!(until_beat(1_499), Duration::from_millis(1));
    }
}
