//! The file as `init` writes it.

use soft_delete::{FoundForeignKey, FoundTable, Roles};

/// The file for these tables, with what can be said of each, and what keeps others from being models.
pub(crate) fn written(tables: &[FoundTable], foreign_keys: &[FoundForeignKey]) -> String {
    let mut text = String::from(
        "# The models of `soft-delete`: tables whose rows are marked deleted, by the roles of their columns.\n\
         # The connection comes from --database-url or DATABASE_URL; or say it here:\n\
         # database_url = \"postgres://app@localhost/app\"\n",
    );
    let mut left_out = String::new();
    for table in tables {
        let roles = table.roles("deleted_at");
        match table.descriptor(&roles) {
            Ok(_) => {
                text += &model(table, &roles);
                text += &children(table, foreign_keys, tables);
            }
            Err(problem) => left_out += &format!("# {}: {problem}\n", table.name()),
        }
    }
    if !left_out.is_empty() {
        text.push_str("\n# Tables with a column deleted_at that cannot be models:\n");
        text.push_str(&left_out);
    }
    text
}

fn model(table: &FoundTable, roles: &Roles) -> String {
    let mut text = String::from("\n[[models]]\n");
    let name = table.name().to_string();
    let columns = [
        ("table", Some(name.as_str())),
        ("deleted_at", Some(roles.deleted_at.as_str())),
        ("deleted_by", roles.deleted_by.as_deref()),
        ("deletion_reason", roles.deletion_reason.as_deref()),
        ("deletion_id", roles.deletion_id.as_deref()),
        ("purge_after", roles.purge_after.as_deref()),
        ("is_deleted", roles.is_deleted.as_deref()),
        ("label", roles.label.as_deref()),
    ];
    for (name, value) in columns {
        if let Some(value) = value {
            text += &format!("{name} = {}\n", quoted(value));
        }
    }
    for problem in table.left_out() {
        text += &format!("# Not used: {problem}\n");
    }
    text += &memory(table, roles);
    text.push_str("# How long deleted rows stay: a number of days, hours or weeks, or \"forever\".\nretention = \"30 days\"\n# Refuses a deletion without a reason:\n# reason_required = true\n");
    text
}

fn memory(table: &FoundTable, roles: &Roles) -> String {
    let mut remembered = table.primary_key();
    let names: Vec<String> = remembered.iter().map(|column| quoted(&column.name)).collect();
    for column in roles.columns().filter_map(|name| table.column(name)) {
        if !remembered.contains(&column) {
            remembered.push(column);
        }
    }
    let types: Vec<String> = remembered
        .iter()
        .map(|column| format!("{} = {}", key(&column.name), quoted(&column.sql_type)))
        .collect();
    format!(
        "# The types of these columns, so that figures and lists need not look them up; whatever changes rows does.\n\
         primary_key = [{}]\ntypes = {{ {} }}\n",
        names.join(", "),
        types.join(", ")
    )
}

// What could go along is told, and does not unless somebody takes the mark away.
fn children(parent: &FoundTable, foreign_keys: &[FoundForeignKey], tables: &[FoundTable]) -> String {
    let (mut along, mut in_the_way) = (Vec::new(), Vec::new());
    for key in foreign_keys.iter().filter(|key| key.parent == *parent.name()) {
        let mut child = format!(
            "{{ table = {}, foreign_key = {}",
            quoted(&key.child.to_string()),
            columns(&key.columns)
        );
        let primary = parent.primary_key();
        if !key
            .parent_columns
            .iter()
            .eq(primary.iter().map(|column| &column.name))
        {
            child += &format!(", references = {}", columns(&key.parent_columns));
        }
        child += " }";
        let found = tables.iter().find(|table| *table.name() == key.child);
        let comes_back = found.is_some_and(tells_operation) && tells_operation(parent);
        if comes_back {
            along.push(child);
        } else {
            in_the_way.push(child);
        }
    }
    let mut text = String::new();
    if !along.is_empty() {
        text += &format!(
            "# Rows that go along with the row that they refer to, and come back with it:\n# cascade = [{}]\n",
            along.join(", ")
        );
    }
    if !in_the_way.is_empty() {
        text += &format!(
            "# Rows that keep the row that they refer to from being deleted (to go along, both need a column deletion_id):\n# restrict = [{}]\n",
            in_the_way.join(", ")
        );
    }
    text
}

fn columns(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match &names[..] {
        [name] => name.clone(),
        names => format!("[{}]", names.join(", ")),
    }
}

fn tells_operation(table: &FoundTable) -> bool {
    table.roles("deleted_at").deletion_id.is_some()
}

// As people write it, where TOML allows that.
fn key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn quoted(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}
