//! What was measured of a server over the last day, in little memory: fine for the last minute, coarser the older it is.

use std::{collections::VecDeque, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Sample, Ticks};

/// How many figures are kept of a moment.
pub const FIGURES: usize = 8;

/// A figure that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Figure {
    /// Share of one core, in percent.
    Cpu,
    /// Memory in use without the page cache, in bytes.
    Memory,
    /// Received, in bytes a second.
    NetRx,
    /// Sent, in bytes a second.
    NetTx,
    /// Read from disks, in bytes a second.
    BlockRead,
    /// Written to disks, in bytes a second.
    BlockWrite,
    /// Players that are on.
    Players,
    /// How long a tick of the game takes on average, in milliseconds.
    Tick,
}

/// How far back one looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[allow(missing_docs)]
pub enum Span {
    Minute,
    #[default]
    FiveMinutes,
    QuarterHour,
    Hour,
    SixHours,
    Day,
}

impl Span {
    /// All of them, the shortest first.
    pub const ALL: &'static [Self] =
        &[Self::Minute, Self::FiveMinutes, Self::QuarterHour, Self::Hour, Self::SixHours, Self::Day];

    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
        }
    }

    /// In seconds.
    pub fn seconds(self) -> u32 {
        match self {
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::QuarterHour => 900,
            Self::Hour => 3_600,
            Self::SixHours => 21_600,
            Self::Day => 86_400,
        }
    }

    /// The next longer one, or the next shorter; the last stays.
    #[must_use]
    pub fn step(self, longer: bool) -> Self {
        let at = self as usize;
        let to = if longer { at + 1 } else { at.saturating_sub(1) };
        Self::ALL.get(to).copied().unwrap_or(self)
    }

    fn tier(self) -> usize {
        match self {
            Self::Minute => 0,
            Self::FiveMinutes | Self::QuarterHour => 1,
            Self::Hour => 2,
            Self::SixHours => 3,
            Self::Day => 4,
        }
    }
}

impl std::str::FromStr for Span {
    type Err = String;

    /// The error lists what may be written.
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|span| span.word() == text.trim());
        found.ok_or_else(|| "must be one of 1m, 5m, 15m, 1h, 6h, 24h".to_owned())
    }
}

/// What one figure was in a stretch of time.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Extent {
    /// At the least.
    pub min: f32,
    /// On average.
    pub mean: f32,
    /// At the most.
    pub max: f32,
}

/// What all figures were in a stretch of time; `None` for what nobody told.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Point([Option<Extent>; FIGURES]);

impl Point {
    /// One of them.
    pub fn get(&self, figure: Figure) -> Option<Extent> {
        self.0[figure as usize]
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

/// The figures of a span of time, cut into equal steps.
#[derive(Clone, PartialEq, Debug)]
pub struct Past {
    /// When the first step begins.
    pub from: Timestamp,
    /// How long each is.
    pub step: Duration,
    /// Each of them, oldest first. The last one is still going on.
    pub points: Vec<Point>,
}

impl Past {
    /// When a step begins.
    pub fn begin(&self, index: usize) -> Timestamp {
        let steps = u32::try_from(index).unwrap_or(u32::MAX);
        self.from.checked_add(self.step.saturating_mul(steps)).unwrap_or(self.from)
    }
}

/// Width in seconds and number of the steps of each tier.
const TIERS: [(u32, u32); 5] = [(1, 60), (5, 180), (30, 120), (180, 120), (600, 144)];

/// How much all histories together may take, in bytes: with many servers the older tiers get coarser.
pub const BUDGET: usize = 6 << 20;
/// Never coarser than that.
const COARSEST: u32 = 16;

/// How coarse the histories of so many servers must be.
pub fn coarseness(servers: usize) -> u32 {
    let share = BUDGET / servers.max(1);
    let bytes = |coarse: u32| {
        let steps: u32 = TIERS[1..].iter().map(|(_, count)| count / coarse).sum();
        (TIERS[0].1 + steps) as usize * size_of::<Bucket>()
    };
    [1, 2, 4, 8].into_iter().find(|coarse| bytes(*coarse) <= share).unwrap_or(COARSEST)
}

/// Least, average and greatest value as logarithms: 0.07 % exact from thousandths to terabytes in six bytes.
type Cell = [u16; 3];
type Bucket = [Cell; FIGURES];

const UNKNOWN: Cell = [u16::MAX; 3];
const NOTHING: Bucket = [UNKNOWN; FIGURES];
/// Steps of a doubling.
const FINE: f32 = 1_024.0;

fn code(value: f32) -> u16 {
    ((1.0 + value.max(0.0)).log2() * FINE).round().min(f32::from(u16::MAX - 1)) as u16
}

fn value(code: u16) -> f32 {
    let value = (f32::from(code) / FINE).exp2() - 1.0;
    // Players come in whole numbers: one that is as near as the code can tell is meant.
    let (whole, step) = (value.round(), (1.0 + value) * std::f32::consts::LN_2 / FINE);
    if (value - whole).abs() <= step / 2.0 { whole } else { value }
}

fn extent([min, mean, max]: Cell) -> Option<Extent> {
    (mean != u16::MAX).then(|| Extent { min: value(min), mean: value(mean), max: value(max) })
}

/// One figure of the step that is still going on.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
struct Open {
    sum: f32,
    count: u16,
    min: f32,
    max: f32,
}

impl Open {
    fn add(&mut self, Extent { min, mean, max }: Extent) {
        if self.count == 0 {
            (self.min, self.max) = (min, max);
        }
        (self.min, self.max) = (self.min.min(min), self.max.max(max));
        self.sum += mean;
        self.count = self.count.saturating_add(1);
    }

    fn cell(&self) -> Cell {
        match self.count {
            0 => UNKNOWN,
            count => [code(self.min), code(self.sum / f32::from(count)), code(self.max)],
        }
    }
}

/// Steps of one width.
#[derive(Clone, PartialEq, Debug)]
struct Tier {
    /// In seconds.
    width: u32,
    /// How many are kept.
    count: u32,
    /// Those that are over, without a gap between them.
    closed: VecDeque<Bucket>,
    /// The one that is going on.
    open: [Open; FIGURES],
    /// Its number since 1970.
    index: i64,
}

impl Tier {
    fn new(width: u32, count: u32) -> Self {
        Self { width, count, closed: VecDeque::new(), open: Default::default(), index: i64::MIN }
    }

    fn bucket(&self) -> Bucket {
        self.open.map(|open| open.cell())
    }

    fn push(&mut self, bucket: Bucket) {
        let count = self.count as usize;
        while self.closed.len() >= count.max(1) {
            self.closed.pop_front();
        }
        if self.closed.len() == self.closed.capacity() {
            // In small strides: a server that ran for a minute takes no room for a day.
            self.closed.reserve_exact((count - self.closed.len()).min(32));
        }
        self.closed.push_back(bucket);
    }

    /// Goes on to the step in which this second lies. False where that is over already.
    fn turn_to(&mut self, second: i64) -> bool {
        let index = second.div_euclid(i64::from(self.width.max(1)));
        if index == self.index {
            return true;
        }
        if index.abs_diff(self.index) > u64::from(self.count) {
            // The first of all, or so long after the last, or by a clock that was set back so far, that nothing before counts.
            *self = Self { index, ..Self::new(self.width, self.count) };
            return true;
        }
        if index < self.index {
            return false;
        }
        self.push(self.bucket());
        for _ in self.index + 1..index {
            self.push(NOTHING);
        }
        (self.open, self.index) = (Default::default(), index);
        true
    }

    fn add(&mut self, second: i64, point: &Point) {
        if !self.turn_to(second) {
            return;
        }
        for (open, extent) in self.open.iter_mut().zip(point.0) {
            if let Some(extent) = extent {
                open.add(extent);
            }
        }
    }

    /// The same in steps of another width.
    fn regrained(&self, width: u32, count: u32) -> Self {
        let mut tier = Self::new(width, count);
        let Some(first) = self.index.checked_sub(self.closed.len() as i64).filter(|_| self.index != i64::MIN)
        else {
            return tier;
        };
        let buckets = self.closed.iter().copied().chain([self.bucket()]);
        for (index, bucket) in (first..).zip(buckets) {
            tier.add(index.saturating_mul(i64::from(self.width)), &Point(bucket.map(extent)));
        }
        tier
    }

    /// What is known of so many seconds up to this one.
    fn past(&self, seconds: u32, now: i64) -> Past {
        let width = i64::from(self.width.max(1));
        let last = now.div_euclid(width);
        let steps = i64::from(seconds.div_ceil(self.width.max(1)));
        let oldest = self.index.saturating_sub(self.closed.len() as i64);
        let points = (last - steps + 1..=last).map(|index| {
            let bucket = match usize::try_from(index.saturating_sub(oldest)) {
                _ if index == self.index => self.bucket(),
                Ok(at) => self.closed.get(at).copied().unwrap_or(NOTHING),
                Err(_) => NOTHING,
            };
            Point(bucket.map(extent))
        });
        Past {
            points: points.collect(),
            step: Duration::from_secs(u64::from(self.width)),
            from: Timestamp::from_second((last - steps + 1).saturating_mul(width)).unwrap_or_default(),
        }
    }
}

/// Counters of the measurement before, from which rates are made.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
struct Counters {
    at: Timestamp,
    bytes: [u64; 4],
}

/// What travels of a tier: the steps that are over, the one that goes on, and its number.
type Travelling = (VecDeque<Bucket>, [Open; FIGURES], i64);

/// A history as it travels. How wide steps are and how many there may be is no matter of whoever sends it.
#[derive(Clone, Serialize, Deserialize)]
struct Packed {
    coarse: u32,
    tiers: Vec<Travelling>,
    before: Option<Counters>,
    latest: [Option<f32>; FIGURES],
}

impl From<Packed> for History {
    fn from(packed: Packed) -> Self {
        let mut history = Self { before: packed.before, latest: packed.latest, ..Self::default() };
        history.coarsen(packed.coarse);
        for (tier, (mut closed, open, index)) in history.tiers.iter_mut().zip(packed.tiers) {
            closed.drain(..closed.len().saturating_sub(tier.count as usize));
            (tier.closed, tier.open, tier.index) = (closed, open, index);
        }
        history
    }
}

impl From<History> for Packed {
    fn from(history: History) -> Self {
        let tiers = history.tiers.into_iter().map(|tier| (tier.closed, tier.open, tier.index));
        Self {
            coarse: history.coarse,
            tiers: tiers.collect(),
            before: history.before,
            latest: history.latest,
        }
    }
}

/// What was measured of one server over the last day.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
pub struct History {
    tiers: Vec<Tier>,
    coarse: u32,
    before: Option<Counters>,
    latest: [Option<f32>; FIGURES],
}

impl Default for History {
    fn default() -> Self {
        let tiers = TIERS.iter().map(|(width, count)| Tier::new(*width, *count)).collect();
        Self { tiers, coarse: 1, before: None, latest: [None; FIGURES] }
    }
}

impl History {
    /// Takes a measurement, and who was on and how fast the game ticked then. One that is not newer than the last is
    /// passed over.
    pub fn push(&mut self, sample: &Sample, players: Option<u32>, ticks: Option<Ticks>) {
        if self.before.is_some_and(|before| before.at >= sample.at) && !self.is_far_back(sample.at) {
            return;
        }
        let rates = self.rates(sample);
        let [rx, tx, read, write] = rates.map(|rates| rates.map(Some)).unwrap_or_default();
        self.latest = [
            Some(sample.cpu_percent),
            Some(sample.memory_bytes as f32),
            rx,
            tx,
            read,
            write,
            players.map(|players| players as f32),
            ticks.and_then(Ticks::milliseconds),
        ];
        let one = |value: f32| Extent { min: value, mean: value, max: value };
        let point = Point(self.latest.map(|value| value.filter(|value| value.is_finite()).map(one)));
        let second = sample.at.as_second();
        for tier in &mut self.tiers {
            tier.add(second, &point);
        }
    }

    /// Whether nothing was ever measured.
    pub fn is_empty(&self) -> bool {
        self.tiers.iter().all(|tier| tier.index == i64::MIN)
    }

    /// Whether a clock was set back so far that one must begin anew.
    fn is_far_back(&self, at: Timestamp) -> bool {
        self.before.is_some_and(|before| before.at.duration_since(at) > SignedDuration::from_mins(1))
    }

    /// Bytes a second since the measurement before. A restart, after which counters begin anew, is zero.
    fn rates(&mut self, sample: &Sample) -> Option<[f32; 4]> {
        let bytes =
            [sample.net_rx_bytes, sample.net_tx_bytes, sample.block_read_bytes, sample.block_write_bytes];
        let before = self.before.replace(Counters { at: sample.at, bytes })?;
        let seconds = sample.at.duration_since(before.at).as_secs_f64();
        // After a pause nobody knows when in it the bytes went.
        (seconds > 0.0 && seconds < 60.0).then(|| {
            std::array::from_fn(|n| (bytes[n].saturating_sub(before.bytes[n]) as f64 / seconds) as f32)
        })
    }

    /// Its server ended: what comes next does not follow on what was.
    pub fn end_run(&mut self) {
        (self.before, self.latest) = (None, [None; FIGURES]);
    }

    /// What a figure was in the last measurement.
    pub fn latest(&self, figure: Figure) -> Option<f32> {
        self.latest[figure as usize]
    }

    /// When the last measurement was taken, in this run of the server.
    pub fn measured_at(&self) -> Option<Timestamp> {
        self.before.map(|before| before.at)
    }

    /// What is known of a span of time up to now. It has as many steps as the span, also where nothing is known.
    pub fn past(&self, span: Span, now: Timestamp) -> Past {
        let nothing = Past { from: now, step: Duration::from_secs(1), points: Vec::new() };
        self.tiers.get(span.tier()).map_or(nothing, |tier| tier.past(span.seconds(), now.as_second()))
    }

    /// Makes the steps beyond the last minute longer by this factor, and so fewer. Never shorter again: what is lost is
    /// lost.
    pub fn coarsen(&mut self, by: u32) {
        let by = by.clamp(1, COARSEST);
        if by <= self.coarse {
            return;
        }
        self.coarse = by;
        for (tier, (width, count)) in self.tiers.iter_mut().zip(TIERS).skip(1) {
            *tier = tier.regrained(width * by, count / by);
        }
    }

    /// How much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let closed = self.tiers.iter().map(|tier| tier.closed.capacity() * size_of::<Bucket>());
        size_of::<Self>() + self.tiers.len() * size_of::<Tier>() + closed.sum::<usize>()
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
