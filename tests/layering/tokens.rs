//! Enough of Rust's grammar to see the paths in a source: comments and literals are skipped, `use` groups unfolded.

/// A piece of code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// Identifier or keyword.
    Word(String),
    /// `::`
    Colons,
    /// A string literal, whatever is in it.
    Text,
    /// Any other character.
    Sign(char),
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(own) if own == word)
    }
}

pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut rest = source;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, length) = next(rest, first);
        found.extend(token);
        rest = &rest[length..];
    }
    found
}

/// The token at the start, if it is one, and how many bytes to go on.
fn next(rest: &str, first: char) -> (Option<Token>, usize) {
    if rest.starts_with("//") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(length) = string_length(rest) {
        return (Some(Token::Text), length);
    }
    if let Some(length) = character_length(rest) {
        return (None, length);
    }
    if rest.starts_with("::") {
        return (Some(Token::Colons), 2);
    }
    if first.is_alphabetic() || first == '_' {
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        return (Some(Token::Word(rest[..length].to_owned())), length);
    }
    let token = (!first.is_whitespace()).then_some(Token::Sign(first));
    (token, first.len_utf8())
}

/// Length of the string literal that begins here: plain, byte, C or raw.
fn string_length(rest: &str) -> Option<usize> {
    let prefix = rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len();
    let hashes = rest[prefix..].len() - rest[prefix..].trim_start_matches('#').len();
    let start = prefix + hashes;
    if !rest[start..].starts_with('"') {
        return None;
    }
    if rest[..prefix].contains('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        return rest[start + 1..].find(&end).map(|at| start + 1 + at + end.len());
    }
    if hashes > 0 {
        return None;
    }
    let mut escaped = false;
    let end = rest[start + 1..].char_indices().find(|&(_, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some(start + 1 + end.0 + 1)
}

/// Length of the character literal that begins here; a lifetime is none.
fn character_length(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    let length = if first == '\\' { inner[2..].find('\'')? + 2 } else { first.len_utf8() };
    inner[length..].starts_with('\'').then_some(length + 2)
}

/// All paths in the code, the members of a `use` group each with what stands before the group.
pub(crate) fn paths(tokens: &[Token]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut position = 0;
    while position < tokens.len() {
        if matches!(tokens[position], Token::Word(_)) {
            position = path(tokens, position, &[], &mut found);
        } else {
            position += 1;
        }
    }
    found
}

/// Reads one path or use tree; gives the position behind it.
fn path(tokens: &[Token], mut position: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut parts = before.to_vec();
    while let Some(Token::Word(word)) = tokens.get(position) {
        parts.push(word.clone());
        position += 1;
        if tokens.get(position) != Some(&Token::Colons) {
            break;
        }
        position += 1;
        if tokens.get(position) == Some(&Token::Sign('{')) {
            return group(tokens, position + 1, &parts, found);
        }
    }
    found.push(parts);
    position
}

fn group(tokens: &[Token], mut position: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    while let Some(token) = tokens.get(position) {
        match token {
            Token::Sign('}') => return position + 1,
            Token::Word(word) if word == "as" => position += 2,
            Token::Word(_) => position = path(tokens, position, before, found),
            _ => position += 1,
        }
    }
    position
}
