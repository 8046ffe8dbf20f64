//! Turns the chunks of a container's output into lines.

/// How much of one line is held, in bytes. What comes after is counted and thrown away until the line ends.
pub const MAX_RAW_LINE: usize = 32 * 1024;

/// A buffer that grew beyond this for one line is given back.
const KEEP: usize = 4 * 1024;

/// Which of the two output streams a chunk belongs to. With a terminal there is only [`Stream::Out`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A whole line, raw: hand it to [`console_line_cut`](super::console_line_cut).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawLine<'a> {
    /// Where it came from.
    pub stream: Stream,
    /// Its bytes, without the line end, at most [`MAX_RAW_LINE`].
    pub bytes: &'a [u8],
    /// How many more bytes the line had.
    pub cut: u64,
}

/// Puts chunks that end anywhere together to lines, one buffer a stream.
///
/// `\n` and `\r\n` end a line. A carriage return in a line starts it over, as on a terminal, so of a progress line
/// the last state is kept and of a prompt nothing. The memory is bounded by [`MAX_RAW_LINE`] a stream.
#[derive(Debug, Default)]
pub struct LineAssembler {
    out: Partial,
    err: Partial,
}

#[derive(Debug, Default)]
struct Partial {
    bytes: Vec<u8>,
    cut: u64,
    /// A carriage return was seen: a line feed ends the line, anything else starts it over.
    returned: bool,
}

impl LineAssembler {
    /// An assembler with nothing begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a chunk and hands every line that it completes to `sink`, in order.
    pub fn push(&mut self, stream: Stream, chunk: &[u8], mut sink: impl FnMut(RawLine<'_>)) {
        let partial = self.partial(stream);
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (line, after) = rest.split_at(end);
            rest = &after[1..];
            // A line without carriage returns that lies in this chunk whole needs no copy.
            if partial.is_empty() && line.len() <= MAX_RAW_LINE && !line.contains(&b'\r') {
                sink(RawLine { stream, bytes: line, cut: 0 });
                continue;
            }
            partial.extend(line);
            sink(RawLine { stream, bytes: &partial.bytes, cut: partial.cut });
            partial.clear();
        }
        partial.extend(rest);
    }

    /// Hands over what was begun and will not be ended: the streams are closed.
    pub fn finish(&mut self, mut sink: impl FnMut(RawLine<'_>)) {
        for stream in [Stream::Out, Stream::Err] {
            let partial = self.partial(stream);
            if !partial.bytes.is_empty() || partial.cut > 0 {
                sink(RawLine { stream, bytes: &partial.bytes, cut: partial.cut });
            }
            partial.clear();
        }
    }

    /// The line that is under way, such as a prompt or a progress line.
    pub fn pending(&self, stream: Stream) -> Option<RawLine<'_>> {
        let partial = match stream {
            Stream::Out => &self.out,
            Stream::Err => &self.err,
        };
        (!partial.bytes.is_empty()).then_some(RawLine { stream, bytes: &partial.bytes, cut: partial.cut })
    }

    /// How much memory the buffers hold, in bytes.
    pub fn held(&self) -> usize {
        self.out.bytes.capacity() + self.err.bytes.capacity()
    }

    fn partial(&mut self, stream: Stream) -> &mut Partial {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}

impl Partial {
    fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.cut == 0 && !self.returned
    }

    /// Adds a piece without line feeds.
    fn extend(&mut self, piece: &[u8]) {
        let mut segments = piece.split(|b| *b == b'\r');
        if let Some(first) = segments.next() {
            self.append(first);
        }
        for segment in segments {
            self.returned = true;
            self.append(segment);
        }
    }

    fn append(&mut self, segment: &[u8]) {
        if segment.is_empty() {
            return;
        }
        if self.returned {
            self.bytes.clear();
            self.cut = 0;
            self.returned = false;
        }
        let room = MAX_RAW_LINE - self.bytes.len();
        let kept = &segment[..segment.len().min(room)];
        if kept.len() > self.bytes.capacity() - self.bytes.len() {
            // Doubling by hand, so that the buffer never passes the bound.
            let wanted = (self.bytes.len() + kept.len()).next_power_of_two().min(MAX_RAW_LINE);
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(kept);
        self.cut += (segment.len() - kept.len()) as u64;
    }

    fn clear(&mut self) {
        self.bytes.clear();
        if self.bytes.capacity() > KEEP {
            self.bytes.shrink_to(KEEP);
        }
        self.cut = 0;
        self.returned = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Owned = (Stream, Vec<u8>, u64);

    fn run<'a>(chunks: impl IntoIterator<Item = (Stream, &'a [u8])>) -> Vec<Owned> {
        let mut lines = Vec::new();
        let mut assembler = LineAssembler::new();
        let mut keep = |line: RawLine<'_>| lines.push((line.stream, line.bytes.to_vec(), line.cut));
        for (stream, chunk) in chunks {
            assembler.push(stream, chunk, &mut keep);
        }
        assembler.finish(&mut keep);
        lines
    }

    fn texts(input: &[u8]) -> Vec<String> {
        let lines = run([(Stream::Out, input)]);
        lines.into_iter().map(|(_, bytes, _)| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }

    #[test]
    fn line_ends_prompts_and_progress() {
        assert_eq!(texts(b"a\nb\r\nc"), ["a", "b", "c"]);
        assert_eq!(texts(b"\n\r\n"), ["", ""]);
        assert_eq!(texts(b"10%\r20%\r100%\r\nnext\n"), ["100%", "next"]);
        assert_eq!(texts(b"> \r\x1b[K[12:34:56 INFO]: hi\r\r\n"), ["\x1b[K[12:34:56 INFO]: hi"]);
    }

    #[test]
    fn streams_do_not_mix() {
        let lines = run([(Stream::Out, &b"out "[..]), (Stream::Err, b"err\n"), (Stream::Out, b"end\n")]);
        assert_eq!(lines, [(Stream::Err, b"err".to_vec(), 0), (Stream::Out, b"out end".to_vec(), 0)]);
    }

    #[test]
    fn a_hundred_megabytes_without_an_end_stay_flat() {
        let mut assembler = LineAssembler::new();
        let chunk = vec![b'x'; 64 * 1024];
        for _ in 0..1600 {
            assembler.push(Stream::Out, &chunk, |_| panic!("no line has ended"));
            assert!(assembler.held() <= MAX_RAW_LINE);
        }
        let mut seen = None;
        assembler.push(Stream::Out, b"\n", |line| seen = Some((line.bytes.len(), line.cut)));
        assert_eq!(seen, Some((MAX_RAW_LINE, 1600 * 64 * 1024 - MAX_RAW_LINE as u64)));
        assert!(assembler.held() <= KEEP);
    }

    proptest! {
        #[test]
        fn chunks_may_end_anywhere(
            input in proptest::collection::vec(
                prop_oneof![4 => any::<u8>().boxed(), 2 => Just(b'\n').boxed(), 2 => Just(b'\r').boxed()], 0..300),
            repeat in prop_oneof![9 => Just(1usize), 1 => Just(400usize)],
            cuts in proptest::collection::vec(1usize..50, 1..20),
        ) {
            let input = input.repeat(repeat);
            let mut chunks = Vec::new();
            let (mut rest, mut i) = (&input[..], 0);
            while !rest.is_empty() {
                let (chunk, after) = rest.split_at(cuts[i % cuts.len()].min(rest.len()));
                chunks.push((Stream::Out, chunk));
                rest = after;
                i += 1;
            }
            prop_assert_eq!(run(chunks), run([(Stream::Out, &input[..])]));
        }
    }
}
