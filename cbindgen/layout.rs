//! How lines of C are laid out.

/// Longer lines are broken.
const WIDTH: usize = 110;

/// Puts `margin` in front of every line.
pub(crate) fn indented(text: &str, margin: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("{margin}{line}")).collect();
    lines.join("\n")
}

/// Breaks a long declaration after commas.
pub(crate) fn wrapped(line: &str) -> String {
    let margin: String = line.chars().take_while(|character| *character == ' ').collect();
    let mut lines = Vec::new();
    let mut rest = line.to_owned();
    while rest.len() > WIDTH {
        let Some(comma) = rest[..WIDTH].rfind(", ") else { break };
        let next = format!("{margin}    {}", &rest[comma + 2..]);
        rest.truncate(comma + 1);
        lines.push(std::mem::replace(&mut rest, next));
    }
    lines.push(rest);
    lines.join("\n")
}
