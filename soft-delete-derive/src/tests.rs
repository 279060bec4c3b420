//! What the derive writes, as snapshots to be read: after a change, run with `INSTA_UPDATE=always` and read the diff.

use syn::{DeriveInput, parse_quote};

use crate::{
    diesel_attr::DieselAttr,
    expand,
    suggest::{closest, did_you_mean},
};

fn expansion(input: &DeriveInput) -> String {
    let tokens = expand::derive(input);
    let file = syn::parse2(tokens).expect("the expansion is a list of items");
    prettyplease::unparse(&file)
}

// Without the input, which stands in the test.
macro_rules! assert_snapshot {
    ($text:expr) => {
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!($text);
        });
    };
}

/// What the derive says is wrong, without what it writes besides.
fn errors(input: &DeriveInput) -> Vec<String> {
    let file: syn::File = syn::parse2(expand::derive(input)).expect("the expansion is a list of items");
    let messages = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Macro(call) => call.mac.parse_body::<syn::LitStr>().ok(),
        _ => None,
    });
    messages.map(|message| message.value()).collect()
}

#[test]
fn the_smallest_model() {
    assert_snapshot!(expansion(&parse_quote! {
        struct Lead {
            id: i64,
            deleted_at: Option<DateTime<Utc>>,
        }
    }));
}

#[test]
fn a_model_with_everything() {
    assert_snapshot!(expansion(&parse_quote! {
        #[diesel(table_name = crate::schema::leads, primary_key(number))]
        #[soft_delete(retention = "2 weeks", label = name, reason = required, audit = false)]
        #[soft_delete(hooks = (Notify, rules::Guard), crate = crate::facade)]
        pub struct Lead {
            #[diesel(column_name = number)]
            pub id: i64,
            pub name: String,
            #[soft_delete(deleted_at)]
            pub removed: Option<NaiveDateTime>,
            pub deleted_by: Option<i64>,
            pub deletion_reason: Option<String>,
            pub deletion_id: Option<DeletionId>,
            pub purge_after: Option<NaiveDateTime>,
            #[diesel(column_name = "type")]
            pub is_deleted: bool,
        }
    }));
}

#[test]
fn a_model_with_relations() {
    assert_snapshot!(expansion(&parse_quote! {
        #[diesel(table_name = folders, belongs_to(Team), belongs_to(crate::users::User, foreign_key = owner))]
        #[soft_delete(cascade(Paper, Self(folders::parent_id)), owns(Picture), restrict(Lock), child_of(Drawer))]
        struct Folder {
            id: i64,
            team_id: i64,
            owner: i64,
            deleted_at: Option<NaiveDateTime>,
            deletion_id: Option<DeletionId>,
        }
    }));
}

#[test]
fn relations_with_conditions_and_other_columns() {
    let text = expansion(&parse_quote! {
        #[diesel(table_name = users)]
        #[soft_delete(owns(Comment, where commentable_type = "User", where shape = 5, Note(notes::about), where kind = "u"))]
        #[soft_delete(cascade(Card(cards::number) references users::number, apart), restrict(Bill(bills::a, bills::b) references (users::c, users::d)))]
        struct User {
            id: i64,
            deleted_at: Option<NaiveDateTime>,
            deletion_id: Option<DeletionId>,
        }
    });
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for written in [
        r#"__sd::only_where(__model, "commentable_type", "User")"#,
        r#"__sd::only_where(__model, "shape", 5i64)"#,
        r#"__sd::only_where( __model, __sd::name::<notes::kind>(), "u""#,
        "__sd::cascade_by_other::< User, Card, (cards::number,), (users::number,), >(__model)",
        "(users::number,), >(__model); let __model = __sd::apart(__model)",
        "(bills::a, bills::b), (users::c, users::d)",
    ] {
        let written: String = written.split_whitespace().collect();
        assert!(
            text.split_whitespace().collect::<String>().contains(&written),
            "{written}: {text}"
        );
    }
}

#[test]
fn a_condition_has_its_place() {
    let refused = errors(&parse_quote! {
        #[soft_delete(owns(where kind = "a", Note))]
        struct Lead {
            id: i64,
            deleted_at: Option<NaiveDateTime>,
        }
    });
    assert_eq!(
        refused,
        ["a condition stands behind its child; write `owns(Child, where kind = ..)`"]
    );
    let refused = errors(&parse_quote! {
        #[soft_delete(restrict(Note, where kind = "a"))]
        struct Lead {
            id: i64,
            deleted_at: Option<NaiveDateTime>,
        }
    });
    assert_eq!(
        refused,
        ["a condition is for `owns(..)` alone; leave it out, or give the rows a column for each parent"]
    );
}

#[test]
fn a_composite_key() {
    assert_snapshot!(expansion(&parse_quote! {
        #[diesel(primary_key(tenant, r#type))]
        #[soft_delete(retention = KEEP)]
        struct Place {
            r#type: String,
            tenant: i64,
            deleted_at: Option<NaiveDateTime>,
        }
    }));
}

#[test]
fn active_rows_as_the_base_query() {
    assert_snapshot!(expansion(&parse_quote! {
        #[soft_delete(has_query, retention = "forever")]
        struct Lead {
            id: i64,
            deleted_at: Option<NaiveDateTime>,
        }
    }));
}

#[test]
fn a_mistake_beside_what_the_model_most_likely_is() {
    assert_snapshot!(expansion(&parse_quote! {
        #[diesel(table_name = schema::leads, primary_key(tenant, number))]
        #[soft_delete(label = nmae, has_query)]
        struct Lead {
            number: i64,
            name: String,
            deleted_at: Option<NaiveDateTime>,
        }
    }));
}

#[test]
fn a_mistake_where_nothing_is_known() {
    assert_snapshot!(expansion(&parse_quote! {
        enum Lead {
            Active,
            Deleted,
        }
    }));
}

#[test]
fn a_mistake_of_a_generic_struct() {
    assert_snapshot!(expansion(&parse_quote! {
        struct Lead<'a, T: Clone> where T: Copy {
            id: &'a T,
            deleted_at: Option<NaiveDateTime>,
        }
    }));
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let found = errors(&parse_quote! {
        #[soft_delete(retention = 30 days, label = nmae)]
        #[soft_delete(reason, retentoin = "1 day", audit = no, crate = facade)]
        struct Lead {
            number: i64,
            name: String,
            #[soft_delete(deletedby)]
            remover: Option<String>,
            #[soft_delete]
            deleted_at: DateTime<Utc>,
        }
    });
    assert_snapshot!(found.join("\n"));
}

#[test]
fn the_mark_is_not_missed_where_an_attribute_was_unclear() {
    let found = errors(&parse_quote! {
        struct Lead {
            id: i64,
            #[soft_delete(deletd)]
            removed: Option<NaiveDateTime>,
        }
    });
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn words_are_close_by_a_letter_or_two() {
    let words = ["retention", "label", "reason", "id"];
    assert_eq!(did_you_mean("retentoin", &words), " (did you mean `retention`?)");
    assert_eq!(did_you_mean("lable", &words), " (did you mean `label`?)");
    assert_eq!(closest("raeson", &words), Some("reason"));
    assert_eq!(closest("reason", &words), Some("reason"));
    for far in ["", "ttl", "x", "deleted_at", "étiquette"] {
        assert_eq!(closest(far, &words), None, "{far:?}");
    }
}

#[test]
fn what_is_diesels_own_is_skipped() {
    let input: DeriveInput = parse_quote! {
        #[diesel(check_for_backend(Pg, Sqlite), belongs_to(User, foreign_key = owner))]
        #[diesel(base_query_type = dsl::Filter<a, Gt<b, i32>>, base_query = a.filter(b.gt(1)), aggregate)]
        #[diesel(sql_type = fn(A) -> B, table_name = a::b, treat_none_as_null = true, primary_key(x))]
        #[diesel(primary_key(tenant, r#type), table_name = "ignored")]
        struct Lead;
    };
    let diesel = DieselAttr::get(&input.attrs);
    let table = diesel.table_name.expect("a table");
    assert_eq!(quote::quote!(#table).to_string(), "a :: b");
    assert_eq!(diesel.primary_key, ["tenant", "r#type"]);
    assert!(diesel.column_name.is_none() && !diesel.embed);
}

#[test]
fn a_column_is_named_by_a_word_or_a_text() {
    for (input, name) in [
        (
            parse_quote!(
                #[diesel(column_name = kind)]
                struct Lead;
            ),
            "kind",
        ),
        (
            parse_quote!(
                #[diesel(column_name = r#type, embed)]
                struct Lead;
            ),
            "r#type",
        ),
        (
            parse_quote!(
                #[diesel(deserialize_as = A<B, C>, column_name = "kind")]
                struct Lead;
            ),
            "kind",
        ),
        (
            parse_quote!(
                #[diesel(column_name = "type")]
                struct Lead;
            ),
            "r#type",
        ),
    ] {
        let input: DeriveInput = input;
        let column = DieselAttr::get(&input.attrs).column_name.expect(name);
        assert_eq!(column, name);
    }
}
