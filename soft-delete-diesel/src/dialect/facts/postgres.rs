//! PostgreSQL: one statement over the system catalogs, which everybody may read.

use super::{Facts, FactsSql, Postgres};

impl Facts for Postgres {
    // Identities are given in ascending order, so that a sum and a number change with each addition.
    fn version(&self) -> Option<&'static str> {
        Some(
            "SELECT (SELECT COUNT(*)::text || '/' || COALESCE(SUM(oid::bigint), 0)::text FROM pg_constraint WHERE contype = 'f') || ' ' || (SELECT COUNT(*)::text || '/' || COALESCE(SUM(oid::bigint), 0)::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D') || ' ' || (SELECT COUNT(*)::text || '/' || COALESCE(SUM(oid::bigint), 0)::text FROM pg_rewrite WHERE ev_type = '4')",
        )
    }

    fn questions(&self) -> &'static [FactsSql] {
        &[FactsSql {
            about_all: Some(["WITH RECURSIVE asked (place, space, name) AS (", AFTER]),
            about_each: &[],
            besides: "",
        }]
    }
}

// `reached` are the tables whose rows a DELETE on an asked one removes: its partitions and the tables that inherit from it, and
// the tables under a view. The constraints that PostgreSQL copies to partitions are left out where the original is there.
const AFTER: &str = "), \
found (place, oid, kind) AS (SELECT asked.place, class.oid, class.relkind FROM asked INNER JOIN pg_class class ON class.relname = asked.name INNER JOIN pg_namespace space ON space.oid = class.relnamespace WHERE class.relkind IN ('r', 'p', 'v', 'm', 'f') AND CASE WHEN asked.space IS NULL THEN pg_table_is_visible(class.oid) ELSE space.nspname = asked.space END), \
step (above, below) AS (SELECT inhparent, inhrelid FROM pg_inherits UNION ALL SELECT rule.ev_class, dep.refobjid FROM pg_rewrite rule INNER JOIN pg_depend dep ON dep.classid = 'pg_rewrite'::regclass AND dep.objid = rule.oid AND dep.refclassid = 'pg_class'::regclass AND dep.refobjid <> rule.ev_class WHERE rule.ev_type = '1'), \
reached (place, oid) AS (SELECT place, oid FROM found UNION SELECT reached.place, step.below FROM reached INNER JOIN step ON step.above = reached.oid), \
keyed AS (SELECT reached.place, con.oid, con.conname, con.conrelid, con.confrelid, con.conkey, con.confkey, con.confdeltype, con.condeferrable FROM reached INNER JOIN pg_constraint con ON con.confrelid = reached.oid AND con.contype = 'f' WHERE NOT EXISTS (SELECT 1 FROM pg_constraint origin INNER JOIN reached before ON before.oid = origin.confrelid AND before.place = reached.place WHERE origin.oid = con.conparentid)) \
SELECT '0'::text, 'enforced'::text, CASE WHEN current_setting('session_replication_role') = 'replica' THEN '0' ELSE '1' END::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text \
UNION ALL SELECT found.place::text, 'table', space.nspname::text, class.relname::text, CASE WHEN class.relkind IN ('v', 'm') THEN 'view' WHEN class.relkind = 'f' OR EXISTS (SELECT 1 FROM reached part INNER JOIN pg_class own ON own.oid = part.oid WHERE part.place = found.place AND own.relkind = 'f') THEN 'foreign' ELSE 'table' END, NULL, CASE WHEN row_security_active(class.oid) THEN '1' ELSE '0' END, NULL, NULL, NULL, NULL, NULL FROM found INNER JOIN pg_class class ON class.oid = found.oid INNER JOIN pg_namespace space ON space.oid = class.relnamespace \
UNION ALL SELECT keyed.place::text, 'key', keyed.conname::text, CASE WHEN pg_table_is_visible(child.oid) THEN NULL ELSE childspace.nspname::text END, child.relname::text, childcol.attname::text, parentcol.attname::text, CASE keyed.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END, CASE WHEN keyed.condeferrable THEN 'deferred,' ELSE '' END || CASE WHEN child.relkind = 'r' AND EXISTS (SELECT 1 FROM pg_inherits inheriting WHERE inheriting.inhparent = child.oid) THEN 'partial,' ELSE '' END || CASE WHEN NOT has_table_privilege(child.oid, 'SELECT') THEN 'no right,' WHEN row_security_active(child.oid) THEN 'policy,' ELSE '' END || CASE WHEN EXISTS (SELECT 1 FROM found INNER JOIN pg_attribute same ON same.attrelid = found.oid AND same.attname = parentcol.attname AND NOT same.attisdropped WHERE found.place = keyed.place AND found.kind NOT IN ('v', 'm')) THEN '' ELSE 'indirect,' END, pair.place::text, keyed.oid::text, childspace.nspname::text FROM keyed INNER JOIN pg_class child ON child.oid = keyed.conrelid INNER JOIN pg_namespace childspace ON childspace.oid = child.relnamespace CROSS JOIN LATERAL unnest(keyed.conkey, keyed.confkey) WITH ORDINALITY AS pair (child, parent, place) INNER JOIN pg_attribute childcol ON childcol.attrelid = keyed.conrelid AND childcol.attnum = pair.child INNER JOIN pg_attribute parentcol ON parentcol.attrelid = keyed.confrelid AND parentcol.attnum = pair.parent \
UNION ALL SELECT found.place::text, 'rule', rule.rulename::text, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM found INNER JOIN pg_rewrite rule ON rule.ev_class = found.oid AND rule.ev_type = '4' AND rule.ev_enabled <> 'D' \
UNION ALL SELECT reached.place::text, 'trigger', trg.tgname::text, CASE WHEN lang.lanname IN ('c', 'internal') THEN NULL ELSE proc.prosrc END, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM reached INNER JOIN pg_trigger trg ON trg.tgrelid = reached.oid AND NOT trg.tgisinternal AND trg.tgenabled <> 'D' AND (trg.tgtype & 8) <> 0 INNER JOIN pg_proc proc ON proc.oid = trg.tgfoid INNER JOIN pg_language lang ON lang.oid = proc.prolang";
