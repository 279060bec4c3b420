//! The pages of `docs/guide`, so that their examples are tested with the others.

// Further pages are one line below and one in the index. A page's own `include!` is seen from the page.
macro_rules! pages {
    ($($name:ident = $path:literal,)+) => {
        $(
            #[doc = include_str!($path)]
            mod $name {}
        )+

        #[cfg(test)]
        const PAGES: &[&str] = &[$($path),+];
    };
}

pages! {
    archive = "../docs/guide/archive.md",
    cleanup = "../docs/guide/cleanup.md",
    concurrency = "../docs/guide/concurrency.md",
    database = "../docs/guide/database.md",
    index = "../docs/guide/README.md",
    operations = "../docs/guide/operations.md",
    relations = "../docs/guide/relations.md",
    scope = "../docs/guide/scope.md",
}

/// The page of a crate that stands on this one, which tests it.
#[cfg(test)]
const ELSEWHERE: &str = "../docs/guide/admin.md";

#[test]
fn every_page_is_tested_and_listed() -> std::io::Result<()> {
    let guide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide");
    let index = std::fs::read_to_string(guide.join("README.md"))?;
    for file in std::fs::read_dir(&guide)? {
        let file = file?.path();
        let (Some(name), Some("md")) = (
            file.file_name().and_then(|name| name.to_str()),
            file.extension().and_then(|extension| extension.to_str()),
        ) else {
            continue;
        };
        let path = format!("../docs/guide/{name}");
        assert!(
            PAGES.contains(&path.as_str()) || path == ELSEWHERE,
            "add {name} above"
        );
        assert!(
            name == "README.md" || index.contains(&format!("({name})")),
            "add {name} to the index"
        );
    }
    Ok(())
}
