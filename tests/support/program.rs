//! Running programs: Debian's and our own C programs, on the library under test.
