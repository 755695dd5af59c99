//! The text of one log line: one line whatever is put into it, and no longer than applications expect.

use core::fmt::{self, Write as _};

/// Longest message in bytes, after the time stamp. Applications copy lines into fixed buffers of about this size.
const LIMIT: usize = 256;
/// Ends a message that was cut.
const CUT: &str = "...";

/// Formats a message. A character that would break the line in two, or hide a part of it, becomes `?`; what
/// goes past the limit is cut and marked.
pub(super) fn message(text: fmt::Arguments<'_>) -> String {
    let mut limited = Limited { text: String::with_capacity(128), cut: false };
    // An error only means that the limit was reached, or that a value could not be shown: the rest is kept.
    let _ = limited.write_fmt(text);
    limited.finish()
}

/// Controls, line ends of Unicode, and what changes the direction of the text around it: a peer could forge lines with
/// them.
fn disturbs_line(character: char) -> bool {
    let of_unicode =
        matches!(character, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    character.is_control() || of_unicode
}

struct Limited {
    text: String,
    cut: bool,
}

impl fmt::Write for Limited {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for character in part.chars() {
            let character = if disturbs_line(character) { '?' } else { character };
            if self.text.len() + character.len_utf8() > LIMIT {
                self.cut = true;
                return Err(fmt::Error);
            }
            self.text.push(character);
        }
        Ok(())
    }
}

impl Limited {
    fn finish(mut self) -> String {
        if self.cut {
            while self.text.len() > LIMIT - CUT.len() {
                self.text.pop();
            }
            self.text.push_str(CUT);
        }
        self.text
    }
}

/// Shows bytes that are text by promise of a peer or an application.
pub struct Text<'a>(
    /// The bytes; invalid UTF-8 among them is shown as U+FFFD.
    pub &'a [u8],
);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            formatter.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                formatter.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_kept() {
        assert_eq!(message(format_args!("New socket {} for {}", 3, "::1")), "New socket 3 for ::1");
    }

    #[test]
    fn text_at_the_limit_is_whole_and_beyond_it_is_marked() {
        let whole = "x".repeat(LIMIT);
        assert_eq!(message(format_args!("{whole}")), whole);
        let cut = message(format_args!("{whole}y"));
        assert_eq!((cut.len(), &cut[LIMIT - 4..]), (LIMIT, "x..."));
    }

    #[test]
    fn cut_falls_between_characters() {
        let cut = message(format_args!("{}", "\u{e9}".repeat(200)));
        assert!(cut.len() <= LIMIT && cut.ends_with("\u{e9}..."));
    }

    #[test]
    fn line_ends_and_zero_bytes_cannot_forge_lines() {
        assert_eq!(message(format_args!("{}", Text(b"a\nb\r\0c\x7f\xff"))), "a?b??c?\u{fffd}");
        assert_eq!(message(format_args!("é\u{85}\u{9B}1m\u{2028}x\u{202E}")), "é??1m?x?");
    }
}
