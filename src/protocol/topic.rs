//! Topics and topic filters: which are valid, and which topics a filter matches.

use super::is_utf8;
use super::utf8::is_wildcard;

/// Longest string that a packet can carry.
const LONGEST: usize = 65_535;

const SHARE: &[u8] = b"$share/";

/// Why a topic or a topic filter must not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicFault {
    /// Not UTF-8, with a zero byte in it, or longer than a packet can carry.
    BadString,
    /// It has no character.
    Empty,
    /// A topic contains `+` or `#`.
    HasWildcard,
    /// A `+` or `#` of a filter is not a whole level, or `#` is not the last one.
    MisplacedWildcard,
    /// A filter begins with `$share/`, and no valid group name and filter follow.
    BadShare,
}

/// The parts of the filter of a shared subscription, `$share/GROUP/FILTER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared<'a> {
    /// The name of the group whose members share the messages.
    pub group: &'a [u8],
    /// What the group has subscribed to.
    pub filter: &'a [u8],
}

/// Checks a topic that messages are to be published to.
pub fn check_topic(topic: &[u8]) -> Result<(), TopicFault> {
    check_string(topic)?;
    if topic.iter().any(|&byte| is_wildcard(byte)) {
        return Err(TopicFault::HasWildcard);
    }
    Ok(())
}

/// Checks a topic filter, of a shared subscription or not. Gives the parts if it is of a shared one.
pub fn check_filter(filter: &[u8]) -> Result<Option<Shared<'_>>, TopicFault> {
    check_string(filter)?;
    let shared = match filter.strip_prefix(SHARE) {
        Some(rest) => Some(parts(rest).ok_or(TopicFault::BadShare)?),
        None => None,
    };
    check_levels(shared.map_or(filter, |shared| shared.filter))?;
    Ok(shared)
}

/// Whether a subscription with this filter gets messages of this topic. Both have to be valid; of a shared subscription it is
/// whether the group gets them.
pub fn filter_matches(filter: &[u8], topic: &[u8]) -> Result<bool, TopicFault> {
    check_topic(topic)?;
    let filter = check_filter(filter)?.map_or(filter, |shared| shared.filter);
    let begins_with_wildcard = filter.first().is_some_and(|&byte| is_wildcard(byte));
    if begins_with_wildcard && topic.starts_with(b"$") {
        return Ok(false);
    }
    Ok(levels_match(filter, topic))
}

fn check_string(text: &[u8]) -> Result<(), TopicFault> {
    if text.is_empty() {
        return Err(TopicFault::Empty);
    }
    if text.len() > LONGEST || text.contains(&0) || !is_utf8(text) {
        return Err(TopicFault::BadString);
    }
    Ok(())
}

/// What follows `$share/`. None: it lacks a group name or a filter, or the name has a wildcard.
fn parts(rest: &[u8]) -> Option<Shared<'_>> {
    let slash = rest.iter().position(|&byte| byte == b'/')?;
    let (group, filter) = rest.split_at_checked(slash)?;
    let filter = filter.get(1..)?;
    let is_valid = !group.is_empty() && !filter.is_empty() && !group.iter().any(|&byte| is_wildcard(byte));
    is_valid.then_some(Shared { group, filter })
}

fn check_levels(filter: &[u8]) -> Result<(), TopicFault> {
    let mut levels = filter.split(|&byte| byte == b'/').peekable();
    while let Some(level) = levels.next() {
        let is_valid = match level {
            b"#" => levels.peek().is_none(),
            b"+" => true,
            _ => !level.iter().any(|&byte| is_wildcard(byte)),
        };
        if !is_valid {
            return Err(TopicFault::MisplacedWildcard);
        }
    }
    Ok(())
}

fn levels_match(filter: &[u8], topic: &[u8]) -> bool {
    let mut wanted = filter.split(|&byte| byte == b'/');
    let mut levels = topic.split(|&byte| byte == b'/');
    loop {
        match (wanted.next(), levels.next()) {
            // Also when no level is left: "house/#" matches "house".
            (Some(b"#"), _) | (None, None) => return true,
            (Some(level), Some(given)) if level == b"+" || level == given => {}
            _ => return false,
        }
    }
}
