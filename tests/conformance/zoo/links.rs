//! Which row refers to which, in a picture.

use std::collections::{BTreeMap, BTreeSet};

use soft_delete::Database;

use super::{
    picture::{Id, Picture},
    schema::{Case, Declared, ForeignKey, Key, Kind, Target},
};

/// A row that refers to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    pub child: Id,
    pub parent: Id,
}

/// By the foreign keys that the database enforces.
pub fn enforced(case: &Case, picture: &Picture) -> Vec<Link> {
    let mut all = Vec::new();
    for child in &case.tables {
        for key in child.foreign_keys.iter().filter(|key| key.rule.is_some()) {
            let (columns, parents) = (case.columns(key), case.parent_columns(key));
            all.extend(between(picture, child.number, &columns, key.parent, &parents));
        }
    }
    all
}

/// By the foreign keys that the database enforces, but for those of which something wrong is declared.
pub fn discovered(case: &Case, picture: &Picture) -> Vec<Link> {
    let mut links = enforced(case, picture);
    for wrong in case.relations.iter().filter(|declared| !is_right(case, declared)) {
        links.retain(|link| (link.parent.0, link.child.0) != (wrong.parent, wrong.child));
    }
    links
}

/// By all columns that are meant to refer to a row, and by what is declared.
pub fn all(case: &Case, picture: &Picture) -> BTreeSet<Link> {
    let mut all: BTreeSet<Link> = enforced(case, picture).into_iter().collect();
    for declared in &case.relations {
        all.extend(declared_links(case, picture, declared));
    }
    all
}

/// By all that is declared.
pub fn declared(case: &Case, picture: &Picture) -> Vec<Link> {
    let declared = case.relations.iter();
    declared
        .filter(|declared| is_right(case, declared))
        .flat_map(|declared| declared_links(case, picture, declared))
        .collect()
}

/// By what is declared of this kind.
pub fn of_kind(case: &Case, picture: &Picture, kind: Kind) -> Vec<Link> {
    let declared = case.relations.iter().filter(|declared| declared.kind == kind);
    declared
        .filter(|declared| kind == Kind::Owns || is_right(case, declared))
        .flat_map(|declared| declared_links(case, picture, declared))
        .collect()
}

/// Whether what is declared are the columns of a foreign key to that parent, and it says to which columns if it has to. Without a
/// constraint the declaration is all that there is.
pub fn is_right(case: &Case, declared: &Declared) -> bool {
    let key = case.foreign_key(declared.child, &declared.columns);
    let is_to_what_it_says = |key: &ForeignKey| match key.target {
        Target::Number => {
            let is_alike = case.table(declared.parent).key == Key::Number;
            declared.names_columns() || (key.rule.is_none() && is_alike)
        }
        Target::Primary | Target::Part => true,
    };
    key.is_some_and(|key| key.parent == declared.parent && is_to_what_it_says(key))
}

fn declared_links(case: &Case, picture: &Picture, declared: &Declared) -> Vec<Link> {
    let key = case.foreign_key(declared.child, &declared.columns);
    let parents = match key {
        Some(key)
            if key.parent == declared.parent
                && key.target == Target::Number
                && (key.rule.is_some() || declared.names_columns()) =>
        {
            vec!["number"]
        }
        _ => case.table(declared.parent).key.columns().to_vec(),
    };
    if parents.len() != declared.columns.len() {
        return Vec::new();
    }
    between(
        picture,
        declared.child,
        &declared.columns,
        declared.parent,
        &parents,
    )
}

fn between(
    picture: &Picture,
    child: usize,
    columns: &[String],
    parent: usize,
    parents: &[&str],
) -> Vec<Link> {
    // Values that differ in their letters alone exist only where the database takes them for the same.
    let values = |row: &BTreeMap<String, Option<String>>, columns: &mut dyn Iterator<Item = &str>| {
        columns
            .map(|column| row[column].as_ref().map(|value| value.to_lowercase()))
            .collect::<Option<Vec<_>>>()
    };
    let mut found = Vec::new();
    let of = |table: usize| picture.rows.iter().filter(move |(id, _)| id.0 == table);
    for (id, row) in of(child) {
        let Some(refers) = values(row, &mut columns.iter().map(String::as_str)) else {
            continue;
        };
        let to =
            of(parent).find(|(_, row)| values(row, &mut parents.iter().copied()).as_ref() == Some(&refers));
        if let Some((to, _)) = to {
            found.push(Link {
                child: id.clone(),
                parent: to.clone(),
            });
        }
    }
    found
}

/// The families of deleted rows: what one operation deleted and a cascade holds together. A row alone is one as well.
pub fn families(case: &Case, picture: &Picture) -> Vec<BTreeSet<Id>> {
    let mut families: Vec<BTreeSet<Id>> = picture
        .rows
        .keys()
        .map(|id| BTreeSet::from([id.clone()]))
        .collect();
    for link in of_kind(case, picture, Kind::Cascade) {
        if !went_together(picture, &link) {
            continue;
        }
        let (mut joined, others): (Vec<_>, Vec<_>) = families
            .into_iter()
            .partition(|family| family.contains(&link.child) || family.contains(&link.parent));
        families = others;
        families.push(joined.drain(..).flatten().collect());
    }
    families
}

/// Whether rows are together in a circle: each was deleted with another of them. Who of them is the first, nobody knows.
pub fn is_circle(case: &Case, picture: &Picture, family: &BTreeSet<Id>) -> bool {
    let links = of_kind(case, picture, Kind::Cascade).into_iter();
    let links = links.filter(|link| link.child != link.parent && family.contains(&link.child));
    have_circle(links.filter(|link| went_together(picture, link)).collect())
}

/// Whether rows refer to each other in a circle, of which a database may let none go before the others. MariaDB does not even let a row
/// go that refers to itself.
pub fn have_circles(case: &Case, picture: &Picture) -> bool {
    let links = all(case, picture).into_iter();
    let is_step = |link: &Link| link.child != link.parent || case.database == Database::Mysql;
    have_circle(links.filter(is_step).collect())
}

fn have_circle(mut links: Vec<Link>) -> bool {
    // Whoever went with nobody that is left is taken away, again and again: a circle has no such row.
    loop {
        let waiting: BTreeSet<Id> = links.iter().map(|link| link.child.clone()).collect();
        let before = links.len();
        links.retain(|link| waiting.contains(&link.parent));
        if links.len() == before {
            return !links.is_empty();
        }
    }
}

/// Whether families keep each other over several tables and back to one of them: a dry run looks one step far there.
pub fn come_back_to_a_table(case: &Case, picture: &Picture) -> bool {
    let families = families(case, picture);
    let family = |id: &Id| {
        families
            .iter()
            .position(|family| family.contains(id))
            .expect("its family")
    };
    let tables = |family: usize| -> BTreeSet<usize> { families[family].iter().map(|id| id.0).collect() };
    // In a table that refers to itself it looks to the last row.
    let links = all(case, picture)
        .into_iter()
        .filter(|link| link.child.0 != link.parent.0);
    let steps: BTreeSet<(usize, usize)> = links
        .map(|link| (family(&link.child), family(&link.parent)))
        .filter(|(from, to)| from != to)
        .collect();
    let mut ways: Vec<Vec<usize>> = steps.iter().map(|(from, to)| vec![*from, *to]).collect();
    while let Some(way) = ways.pop() {
        let last = way[way.len() - 1];
        for (_, next) in steps
            .iter()
            .filter(|(from, to)| *from == last && !way.contains(to))
        {
            let longer: Vec<usize> = way.iter().copied().chain([*next]).collect();
            let mut seen = BTreeSet::new();
            if longer
                .iter()
                .any(|one| tables(*one).into_iter().any(|table| !seen.insert(table)))
            {
                return true;
            }
            ways.push(longer);
        }
    }
    false
}

/// Whether tables cascade to each other in a circle, of which the library removes rows one table after the other.
pub fn is_mutual(case: &Case, parent: usize, child: usize) -> bool {
    let cascades = || case.relations.iter().filter(|one| one.kind == Kind::Cascade);
    let mut reached = vec![child];
    let mut next = 0;
    while let Some(at) = reached.get(next).copied() {
        next += 1;
        for one in cascades().filter(|one| one.parent == at) {
            if !reached.contains(&one.child) {
                reached.push(one.child);
            }
        }
    }
    parent != child && reached.contains(&parent)
}

/// Whether others refer to what is owned, so that the database may refuse to remove it, or what is owned refers to others as well, so
/// that they are kept until it is gone.
pub fn lead_to_owned(case: &Case) -> bool {
    let owners = |table: usize| {
        let relations = case.relations.iter();
        relations
            .filter(|one| one.kind == Kind::Owns && one.child == table)
            .count()
    };
    let is_owned = |table: usize| owners(table) > 0;
    case.tables.iter().any(|table| {
        let keys = table.foreign_keys.iter().filter(|key| key.rule.is_some());
        let is_the_one = |key: &&ForeignKey| {
            let columns = case.columns(key);
            let mut relations = case.relations.iter();
            relations.any(|one| one.kind == Kind::Owns && one.child == table.number && one.columns == columns)
        };
        let has_others = keys.clone().any(|key| !is_the_one(&key)) || owners(table.number) > 1;
        keys.clone().any(|key| is_owned(key.parent)) || (is_owned(table.number) && has_others)
    })
}

/// Whether one operation deleted both ends.
pub fn went_together(picture: &Picture, link: &Link) -> bool {
    let operation = |id: &Id| picture.rows[id].get("deletion_id").cloned().flatten();
    let is_deleted = |id: &Id| picture.is_deleted(id);
    let by = operation(&link.child);
    by.is_some() && by == operation(&link.parent) && is_deleted(&link.child) && is_deleted(&link.parent)
}

impl Picture {
    pub fn is_deleted(&self, id: &Id) -> bool {
        self.rows[id].get("deleted_at").is_some_and(Option::is_some)
    }

    /// Whether there is a flag and it says the opposite of the mark.
    pub fn is_out_of_step(&self, id: &Id) -> bool {
        let flag = self.rows[id].get("is_deleted").cloned().flatten();
        flag.is_some_and(|flag| (flag == "1") != self.is_deleted(id))
    }
}
