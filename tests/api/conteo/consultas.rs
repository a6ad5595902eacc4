//! The checked queries as text: what shows in none of their results.
use serde_json::Value;
use std::path::Path;

/// Row-level security lets no index look for what `coalesce` yields, because that might fail and tell something of a row: such a
/// join reads the whole table. A column that a `lateral (… offset 0)` makes of it is looked for.
fn joins_by_coalesce(query: &str) -> bool {
    let words: Vec<&str> = query.split_whitespace().collect();
    words
        .windows(4)
        .any(|at| ["on", "and", "where"].contains(&at[0]) && at[1].ends_with(".id") && at[2] == "=" && at[3].starts_with("coalesce("))
}

#[test]
fn no_query_looks_for_a_record_by_what_coalesce_yields() {
    assert!(joins_by_coalesce("select from tutores o join tutores t on t.id = coalesce(o.fusionado_con,\n o.id)"));
    assert!(!joins_by_coalesce("select from citas c where c.sala = coalesce($1, c.sala)"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.sqlx");
    let mut read = 0;
    for file in std::fs::read_dir(folder).expect("checked queries") {
        let path = file.expect("a file").path();
        if path.extension().is_none() {
            continue; // Types of the database, kept beside.
        }
        let text = std::fs::read_to_string(path).expect("text");
        let query: Value = serde_json::from_str(&text).expect("JSON");
        let query = query["query"].as_str().expect("a query");
        assert!(!joins_by_coalesce(query), "{query}");
        read += 1;
    }
    assert!(read > 500, "{read} queries");
}
