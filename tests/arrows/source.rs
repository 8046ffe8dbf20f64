//! Just enough of Rust's grammar to see which modules and crates a file names: comments and texts are left out, `use`
//! trees are unfolded, and inline modules are followed, so that `super` means what it means to the compiler.

/// A path that a file names, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// Its parts, such as `crate model Server`; a `super` or `self` at the front is already resolved.
    pub parts: Vec<String>,
    pub line: usize,
}

/// A piece of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Word(String),
    /// `::`
    Colons,
    Sign(char),
}

/// Every path of a file that stands at `module`, such as `["tui", "app"]`.
pub fn paths(text: &str, module: &[String]) -> Vec<Named> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut place = Place { module: module.to_vec(), braces: Vec::new() };
    let mut at = 0;
    while at < tokens.len() {
        let (token, line) = &tokens[at];
        match token {
            Token::Sign('{') => place.braces.push(false),
            Token::Sign('}') => {
                if place.braces.pop() == Some(true) {
                    place.module.pop();
                }
            }
            Token::Word(word) if word == "mod" => {
                if let (Some((Token::Word(name), _)), Some((Token::Sign('{'), _))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                {
                    place.module.push(name.clone());
                    place.braces.push(true);
                    at += 2;
                }
            }
            Token::Word(word) if word == "use" => {
                at += 1;
                tree(&tokens, &mut at, &[], *line, &place, &mut found);
                continue;
            }
            Token::Word(_) => {
                let (parts, next) = path(&tokens, at);
                if parts.len() > 1 {
                    found.push(place.resolve(parts, *line));
                }
                at = next;
                continue;
            }
            Token::Colons | Token::Sign(_) => {}
        }
        at += 1;
    }
    found
}

/// Where in the tree of modules the reading is.
struct Place {
    module: Vec<String>,
    /// Whether each open brace is a module's.
    braces: Vec<bool>,
}

impl Place {
    fn resolve(&self, parts: Vec<String>, line: usize) -> Named {
        let mut module = self.module.clone();
        let mut rest = &parts[..];
        let mut relative = false;
        while let Some((first, tail)) = rest.split_first() {
            match first.as_str() {
                "self" if !relative => {}
                "super" => _ = module.pop(),
                _ => break,
            }
            relative = true;
            rest = tail;
        }
        if !relative {
            return Named { parts, line };
        }
        let parts = ["crate".to_owned()].into_iter().chain(module).chain(rest.iter().cloned()).collect();
        Named { parts, line }
    }
}

/// A path that begins there, and where it ends.
fn path(tokens: &[(Token, usize)], mut at: usize) -> (Vec<String>, usize) {
    let mut parts = Vec::new();
    while let Some((Token::Word(word), _)) = tokens.get(at) {
        parts.push(word.clone());
        at += 1;
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some((Token::Colons, _)), Some((Token::Word(_), _))) => at += 1,
            _ => break,
        }
    }
    (parts, at)
}

/// A `use` tree: each of its leaves is a path.
fn tree(
    tokens: &[(Token, usize)],
    at: &mut usize,
    before: &[String],
    line: usize,
    place: &Place,
    found: &mut Vec<Named>,
) {
    if let Some((Token::Colons, _)) = tokens.get(*at) {
        *at += 1;
    }
    let (parts, next) = path(tokens, *at);
    let whole: Vec<String> = before.iter().cloned().chain(parts).collect();
    *at = next;
    if let Some((Token::Colons, _)) = tokens.get(*at) {
        *at += 1;
    }
    match tokens.get(*at) {
        Some((Token::Sign('{'), _)) => {
            *at += 1;
            while *at < tokens.len() && tokens[*at].0 != Token::Sign('}') {
                let line = tokens[*at].1;
                tree(tokens, at, &whole, line, place, found);
                if tokens.get(*at).is_some_and(|token| token.0 == Token::Sign(',')) {
                    *at += 1;
                }
            }
            *at += 1;
            return;
        }
        Some((Token::Sign('*'), _)) => *at += 1,
        _ => {}
    }
    if tokens.get(*at).is_some_and(|token| token.0 == Token::Word("as".into())) {
        *at += 2;
    }
    if !whole.is_empty() {
        found.push(place.resolve(whole, line));
    } else {
        // Nothing that a tree may be: go on, so that the reading ends.
        *at += 1;
    }
}

fn tokens(text: &str) -> Vec<(Token, usize)> {
    let code = code(text);
    let mut found = Vec::new();
    let mut line = 1;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => line += 1,
            c if c.is_whitespace() => {}
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                // r#type
                if word == "r" && chars.peek() == Some(&'#') {
                    chars.next();
                    continue;
                }
                found.push((Token::Word(word), line));
            }
            ':' if chars.next_if_eq(&':').is_some() => found.push((Token::Colons, line)),
            c => found.push((Token::Sign(c), line)),
        }
    }
    found
}

/// The text with every comment, string and character made empty; its lines stay where they are.
pub fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let keep_lines = |from: usize, to: usize, out: &mut String| {
        out.extend(chars[from..to.min(chars.len())].iter().filter(|c| **c == '\n'));
    };
    while at < chars.len() {
        let begun = at;
        if starts(at, "//") {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if starts(at, "/*") {
            let mut depth = 0;
            loop {
                if starts(at, "/*") {
                    depth += 1;
                    at += 2;
                } else if starts(at, "*/") {
                    depth -= 1;
                    at += 2;
                } else {
                    at += 1;
                }
                if depth == 0 || at >= chars.len() {
                    break;
                }
            }
            keep_lines(begun, at, &mut out);
        } else if let Some(end) = raw_text(&chars, at) {
            at = end;
            keep_lines(begun, at, &mut out);
            out.push('"');
        } else if chars[at] == '"' {
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
            keep_lines(begun, at, &mut out);
            out.push('"');
        } else if chars[at] == '\'' && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\''))
        {
            at += if chars[at + 1] == '\\' { 3 } else { 2 };
            while at < chars.len() && chars[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Where a raw text that begins there ends: `r"…"`, `r#"…"#`, with `b` or `c` before it.
fn raw_text(chars: &[char], begin: usize) -> Option<usize> {
    if begin > 0 && (chars[begin - 1].is_alphanumeric() || chars[begin - 1] == '_') {
        return None;
    }
    let mut at = begin;
    if matches!(chars.get(at), Some('b' | 'c')) {
        at += 1;
    }
    if chars.get(at) != Some(&'r') {
        return None;
    }
    at += 1;
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    at += hashes;
    if chars.get(at) != Some(&'"') {
        return None;
    }
    at += 1;
    while at < chars.len() {
        if chars[at] == '"' && chars[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(at)
}
