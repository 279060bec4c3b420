//! The recycle bin: its pages, and who may do what there.

use axum::Router;
use diesel::sqlite::Sqlite;
use soft_delete::Timetable;
use soft_delete_admin::{Access, Admin, Parts, R2d2, Right, Visitor};

use crate::{Connections, model, session::User};

/// The bin, to be nested.
pub fn router(connections: Connections, timetable: Timetable) -> Router {
    Admin::new(R2d2::new(connections))
        .registry(model::registry())
        .access(Staff)
        .timetable(timetable)
        .into_router()
}

/// Support finds and restores; everything else is for administrators.
struct Staff;

impl Access<Sqlite> for Staff {
    fn visitor(&self, request: &Parts) -> Option<Visitor> {
        let user = request.extensions.get::<User>()?;
        let visitor = Visitor::new(user.name).in_session(user.session.to_string());
        Some(if user.is_admin {
            visitor.with_role("admin")
        } else {
            visitor
        })
    }

    fn may(&self, visitor: &Visitor, right: Right, _model: &str) -> bool {
        visitor.has_role("admin") || matches!(right, Right::See | Right::Restore)
    }
}
