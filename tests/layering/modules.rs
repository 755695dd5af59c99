//! The modules of the source and what each takes from others: `use` lines and paths in the code, followed through
//! `super`, aliases, globs and re-exports to the file in which the name is defined. Code of unit tests is left out.

use crate::tokens::{Token, tokens};
use std::collections::{BTreeMap, BTreeSet};

/// Re-exports followed for one name, in case they lead in a circle themselves.
const MOST_STEPS: usize = 20;

/// One `use` of one name.
#[derive(Debug, PartialEq)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// What it is called here; `*` for all names of a module.
    pub(crate) name: String,
    /// Others may take it from here: `pub use`, however far it reaches.
    exported: bool,
}

/// What stands in one file.
#[derive(Default)]
pub(crate) struct Module {
    pub(crate) imports: Vec<Import>,
    /// Names of items, outside of blocks and macros.
    pub(crate) definitions: BTreeSet<String>,
    /// Paths in the code of two parts and more.
    pub(crate) paths: Vec<Vec<String>>,
    /// Names of macros that are called.
    pub(crate) macros: BTreeSet<String>,
    words: BTreeSet<String>,
    /// A `mod.rs`: what it re-exports, it does not use.
    is_face: bool,
}

/// All modules, by their paths: `["engine", "client"]`.
pub(crate) struct Modules(BTreeMap<Vec<String>, Module>);

impl Modules {
    /// `sources`: the path of each module, whether its file is called `mod.rs`, and its text.
    pub(crate) fn new<'a>(sources: impl Iterator<Item = (&'a [String], bool, &'a str)>) -> Modules {
        let mut modules = BTreeMap::new();
        let mut of_tests = Vec::new();
        for (path, is_face, text) in sources {
            let mut module = Module { is_face, ..Module::default() };
            for name in module.read(&without_tests(&tokens(text))) {
                of_tests.push([path, &[name]].concat());
            }
            modules.insert(path.to_vec(), module);
        }
        for path in of_tests {
            modules.remove(&path);
        }
        Modules(modules)
    }

    /// The modules in which the names stand that this one takes from others.
    pub(crate) fn taken_by(&self, path: &[String]) -> BTreeSet<Vec<String>> {
        let Some(module) = self.0.get(path) else { return BTreeSet::new() };
        let mut found = BTreeSet::new();
        for import in &module.imports {
            if import.name == "*" {
                found.extend(module.words.iter().filter_map(|word| self.in_glob(path, import, word)));
            } else if !(import.exported && module.is_face) {
                found.extend(self.find(path, &import.path));
            }
        }
        found.extend(module.paths.iter().filter_map(|taken| self.find(path, taken)));
        found.remove(path);
        found
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &Vec<String>> {
        self.0.keys()
    }

    /// Where the thing stands that `path` names in the module `from`. `None`: not in this crate.
    pub(crate) fn find(&self, from: &[String], path: &[String]) -> Option<Vec<String>> {
        self.walk(&[], &self.absolute(from, path, 0)?, 0)
    }

    /// The path from the root of the crate.
    fn absolute(&self, from: &[String], path: &[String], steps: usize) -> Option<Vec<String>> {
        let module = self.0.get(from);
        let (first, rest) = path.split_first()?;
        let ups = path.iter().take_while(|part| *part == "super").count();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([from, rest].concat()),
            "super" => Some([from.get(..from.len().checked_sub(ups)?)?, &path[ups..]].concat()),
            _ if steps > MOST_STEPS => None,
            name => {
                let imported = |import: &&Import| import.name == name && import.path[0] != name;
                if let Some(import) = module.and_then(|module| module.imports.iter().find(imported)) {
                    return Some([&self.absolute(from, &import.path, steps + 1)?, rest].concat());
                }
                let is_own = module.is_some_and(|module| module.definitions.contains(name))
                    || self.0.contains_key(&[from, std::slice::from_ref(first)].concat());
                is_own.then(|| [from, path].concat())
            }
        }
    }

    /// Goes from a module along a path to where its end is defined.
    fn walk(&self, at: &[String], rest: &[String], steps: usize) -> Option<Vec<String>> {
        let Some((name, behind)) = rest.split_first() else { return Some(at.to_vec()) };
        let inner = [at, std::slice::from_ref(name)].concat();
        if self.0.contains_key(&inner) {
            return self.walk(&inner, behind, steps);
        }
        // What is not seen to come from elsewhere is made here, perhaps by a macro.
        self.elsewhere(at, name, behind, steps).or_else(|| (!at.is_empty()).then(|| at.to_vec()))
    }

    fn elsewhere(
        &self,
        at: &[String],
        name: &String,
        behind: &[String],
        steps: usize,
    ) -> Option<Vec<String>> {
        let module = self.0.get(at)?;
        if steps > MOST_STEPS || module.definitions.contains(name) {
            return None;
        }
        if let Some(import) = module.imports.iter().find(|import| import.name == *name) {
            let path = self.absolute(at, &import.path, 0)?;
            return self.walk(&[], &[&path, behind].concat(), steps + 1);
        }
        module
            .imports
            .iter()
            .filter(|import| import.name == "*")
            .find_map(|import| self.in_glob(at, import, name))
    }

    /// Where a name stands that a `use module::*` brings in, if it is one of those.
    fn in_glob(&self, from: &[String], glob: &Import, name: &String) -> Option<Vec<String>> {
        let target = self.walk(&[], &self.absolute(from, &glob.path, 0)?, 0)?;
        let module = self.0.get(&target)?;
        let has =
            module.definitions.contains(name) || module.imports.iter().any(|import| import.name == *name);
        has.then(|| self.walk(&target, std::slice::from_ref(name), 1)).flatten()
    }
}

impl Module {
    pub(crate) fn of(text: &str) -> Module {
        let mut module = Module::default();
        module.read(&without_tests(&tokens(text)));
        module
    }

    /// Takes a file apart; gives the names of the modules that exist for tests only.
    fn read(&mut self, code: &Code) -> Vec<String> {
        let tokens = &code.tokens;
        let mut position = 0;
        let mut depth = 0_usize;
        while let Some(token) = tokens.get(position) {
            match token {
                Token::Word(word) if word == "use" => {
                    let exported = position > 0 && is_visibility(&tokens[..position]);
                    position = use_tree(tokens, position + 1, &[], exported, &mut self.imports);
                    continue;
                }
                Token::Word(word) => {
                    if depth == 0 {
                        self.definitions.extend(defined(word, &tokens[position + 1..]));
                    }
                    if word == "pub" && tokens.get(position + 2).is_some_and(|token| token.is("in")) {
                        while tokens.get(position).is_some_and(|token| *token != Token::Sign(')')) {
                            position += 1;
                        }
                        continue;
                    }
                    position = self.code_path(tokens, position);
                    continue;
                }
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            position += 1;
        }
        code.test_modules.clone()
    }

    fn code_path(&mut self, tokens: &[Token], mut position: usize) -> usize {
        let mut path = Vec::new();
        while let Some(Token::Word(word)) = tokens.get(position) {
            path.push(word.clone());
            position += 1;
            match tokens.get(position..position + 2) {
                Some([Token::Colons, Token::Word(_)]) => position += 1,
                _ => break,
            }
        }
        self.words.insert(path[0].clone());
        if let Some([Token::Sign('!'), Token::Sign('(' | '[' | '{')]) = tokens.get(position..position + 2) {
            self.macros.insert(path.join("::"));
        }
        if path.len() > 1 {
            self.paths.push(path);
        }
        position
    }
}

/// Whether the tokens end in `pub`, `pub(crate)` or the like.
fn is_visibility(before: &[Token]) -> bool {
    if before.last() != Some(&Token::Sign(')')) {
        return before.last().is_some_and(|token| token.is("pub"));
    }
    let open = before.iter().rposition(|token| *token == Token::Sign('('));
    open.is_some_and(|open| open > 0 && before[open - 1].is("pub"))
}

/// The name that an item defines which begins with this word.
fn defined(word: &str, behind: &[Token]) -> Option<String> {
    let name = match word {
        "struct" | "enum" | "trait" | "union" | "fn" | "const" | "type" | "mod" => behind.first()?,
        "static" => behind.iter().find(|token| !token.is("mut"))?,
        "macro_rules" => behind.get(1)?,
        _ => return None,
    };
    match name {
        Token::Word(name) if name != "fn" && name != "unsafe" && name != "extern" => Some(name.clone()),
        _ => None,
    }
}

/// Reads one tree of a `use`; gives the position of what ends it.
fn use_tree(
    tokens: &[Token],
    mut position: usize,
    before: &[String],
    exported: bool,
    found: &mut Vec<Import>,
) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(position) {
            Some(Token::Word(word)) if word == "as" => {
                let Some(Token::Word(name)) = tokens.get(position + 1) else { return position + 1 };
                found.push(Import { path, name: name.clone(), exported });
                return position + 2;
            }
            // `use module::{self}` is the module.
            Some(Token::Word(word)) if word == "self" && !before.is_empty() => position += 1,
            Some(Token::Word(word)) => {
                path.push(word.clone());
                position += 1;
            }
            Some(Token::Colons) => position += 1,
            Some(Token::Sign('*')) => {
                found.push(Import { path, name: "*".to_owned(), exported });
                return position + 1;
            }
            Some(Token::Sign('{')) => {
                position += 1;
                while let Some(token) = tokens.get(position).filter(|token| **token != Token::Sign('}')) {
                    position = match token {
                        Token::Sign(',') => position + 1,
                        _ => use_tree(tokens, position, &path, exported, found),
                    };
                }
                return position + 1;
            }
            _ => {
                if let Some(name) = path.last().cloned() {
                    found.push(Import { path, name, exported });
                }
                return position;
            }
        }
    }
}

struct Code {
    tokens: Vec<Token>,
    /// Modules in files of their own that are compiled for tests only.
    test_modules: Vec<String>,
}

/// The code without the items under `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Code {
    let mark =
        [Token::Sign('#'), Token::Sign('['), word("cfg"), Token::Sign('('), word("test"), Token::Sign(')')];
    let mut code = Code { tokens: Vec::new(), test_modules: Vec::new() };
    let mut position = 0;
    while position < tokens.len() {
        let rest = &tokens[position..];
        if rest.starts_with(&mark) {
            match &rest[mark.len() + 1..] {
                [Token::Word(module), Token::Word(name), Token::Sign(';'), ..] if module == "mod" => {
                    code.test_modules.push(name.clone());
                }
                _ => {}
            }
            position += mark.len() + 1 + item_length(&rest[mark.len() + 1..]);
        } else {
            code.tokens.push(tokens[position].clone());
            position += 1;
        }
    }
    code
}

fn word(text: &str) -> Token {
    Token::Word(text.to_owned())
}

/// Tokens of the item at the start: as far as a `;` or a closed block outside of all brackets.
fn item_length(tokens: &[Token]) -> usize {
    let is_use = tokens.first().is_some_and(|token| token.is("use"));
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('{' | '(' | '[') => depth += 1,
            Token::Sign('}' | ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !is_use && *token == Token::Sign('}') {
                    return index + 1;
                }
            }
            Token::Sign(';') if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}
