//! Right uses: each file of `tests/ui/pass` is a whole program, and runs.
//!
//! They are modules of this binary and not cases of trybuild, which only checks the misuses and would have to build all of
//! Diesel once more to link these.

use std::collections::BTreeSet;

use super::ui::{files, stem};

macro_rules! programs {
    ($($name:ident = $path:literal),+ $(,)?) => {
        $(
            #[path = $path]
            mod $name;
        )+

        #[test]
        fn every_right_use_runs() {
            let here: BTreeSet<&str> = BTreeSet::from([$(stringify!($name)),+]);
            let found: BTreeSet<String> = files("pass", "rs").iter().map(|path| stem(path)).collect();
            assert!(here.iter().eq(found.iter()), "list every file here: {found:?}");
            $($name::main();)+
        }
    };
}

programs! {
    async_prelude = "../ui/pass/async_prelude.rs",
    both_kinds_of_connection = "../ui/pass/both_kinds_of_connection.rs",
    everything = "../ui/pass/everything.rs",
    minimal = "../ui/pass/minimal.rs",
    own_types = "../ui/pass/own_types.rs",
    scoped = "../ui/pass/scoped.rs",
    without_prelude = "../ui/pass/without_prelude.rs",
}
