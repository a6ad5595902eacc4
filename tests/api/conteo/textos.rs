//! What stands in the source: SQL, the system's context, tenants asked for by hand and routes outside of the document, only
//! where they may. Each finder is a function of a text; the last tests show that each finds.
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Where SQL stands besides `store.rs` and `store/`, by the beginning of the name, and why.
const CON_SQL: &[(&str, &str)] = &[
    ("kernel/src/ctx/", "begins transactions, with role and tenant"),
    ("server/src/demo/", "makes a database for the demonstration"),
    ("server/src/pool.rs", "warms a connection"),
    ("xtask/", "prepares databases for the developer"),
];
/// Where work across chains is done, and why.
const CON_SISTEMA: &[(&str, &str)] = &[
    ("alertas/src/", "writes and looks in the background"),
    ("complementos/src/de_casa", "brings the platform's own plugins"),
    ("complementos/src/examinar", "examines what was uploaded"),
    ("importacion/src/", "goes through files in the background"),
    ("integraciones/src/entregar", "tells other systems in the background"),
    ("kernel/", "makes it"),
    ("organizacion/src/identidad/", "goes from credentials to a chain, and lets the operator list them"),
    ("server/", "wires everything, and works in the background"),
];
/// Where SQL compares `tenant_id` with something else than another row's, and why.
const CON_CADENA: &[(&str, &str)] =
    &[("complementos/src/store/secretos.rs", "seals anew under the next key, chain after chain"), ("server/src/", "works for all chains")];
/// Addresses that no document describes and no counting test of operations calls, and why.
const SIN_DOCUMENTO: &[(&str, &str, &str)] = &[
    ("citas/src/publica/mod.rs", "GET /reservar/-/reserva.css", "the same for everybody"),
    ("citas/src/publica/mod.rs", "GET /reservar/-/reserva.js", "the same for everybody"),
    ("citas/src/publica/mod.rs", "GET /reservar/-/{enlace}/cita.ics", "an own booking, by its secret link"),
    ("citas/src/publica/mod.rs", "GET /reservar/{cadena}", "a page for owners, who sign in nowhere"),
    ("citas/src/publica/mod.rs", "GET /reservar/{cadena}/{sede}", "a page for owners, who sign in nowhere"),
    ("plugin-host/src/host/http.rs", "route url", "no router: where a plugin's call leads"),
    ("reclamos/src/publica/mod.rs", "GET /libro-de-reclamaciones/-/libro.css", "the same for everybody"),
    ("reclamos/src/publica/mod.rs", "GET /libro-de-reclamaciones/-/{enlace}", "an own sheet, by its secret link"),
    ("reclamos/src/publica/mod.rs", "GET /libro-de-reclamaciones/{cadena}", "a page for everybody, by law"),
    ("reclamos/src/publica/mod.rs", "GET POST /libro-de-reclamaciones/{cadena}/{sede}", "a page for everybody, by law"),
    ("server/src/demo/correo/page.rs", "GET /", "letters of the demonstration, on an address of their own"),
    ("server/src/demo/correo/page.rs", "GET /{number}", "letters of the demonstration, on an address of their own"),
    ("server/src/http/health.rs", "GET /metrics", "figures, on an address of their own"),
    ("server/src/http/health.rs", "GET /metrics", "figures, with a token or from this machine"),
    ("server/src/http/mod.rs", "GET /problemas", "of a measurement"),
    ("server/src/http/mod.rs", "fallback", "the portal's files, else 404"),
    ("server/src/http/openapi.rs", "GET JSON_URL", "the document"),
    ("server/src/http/openapi.rs", "SwaggerUi::new /api/docs", "the document, to be read"),
    ("server/src/http/openapi.rs", "nest /api/v1", "what the document describes"),
];

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every file of `platform/*/src`, by its name below `platform`.
fn texts() -> BTreeMap<String, String> {
    let (platform, mut files) = (root().join("platform"), Vec::new());
    for entry in std::fs::read_dir(&platform).expect("platform").flatten() {
        let source = entry.path().join("src");
        if source.is_dir() {
            sources(&source, &mut files);
        }
    }
    assert!(files.len() > 60);
    let named = |file: &PathBuf| {
        let name = file.strip_prefix(&platform).expect("below platform").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(file).expect("text"))
    };
    files.iter().map(named).collect()
}

/// Whether a statement stands here, by any of the ways that sqlx has.
fn has_sql(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "AssertSqlSafe",
        "QueryBuilder",
        "query_as",
        "query_as_unchecked",
        "query_as_with",
        "query_file",
        "query_file_as",
        "query_file_scalar",
        "query_scalar",
        "query_scalar_unchecked",
        "query_scalar_with",
        "query_unchecked",
        "query_with",
        "raw_sql",
    ];
    const CALLS: &[&str] = &["execute(", "execute_many(", "fetch(", "fetch_all(", "fetch_many(", "fetch_one(", "fetch_optional("];
    let literal = |rest: &str| ["\"", "r\"", "r#"].iter().any(|quote| rest.trim_start().starts_with(quote));
    text.contains("sqlx::query")
        || text.contains("query!(")
        || text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| WORDS.contains(&word))
        || CALLS.iter().any(|call| text.split(call).skip(1).any(literal))
}

/// Words and signs in lower case; quotes, and where a line ends, say nothing.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut before) = (Vec::<String>::new(), 0);
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        let kind = match c {
            _ if c.is_whitespace() || c == '\\' || c == '"' => 0,
            '=' | '<' | '>' | '!' => 1,
            _ if c.is_alphanumeric() || "_.$".contains(c) => 2,
            _ => 3,
        };
        match words.last_mut() {
            Some(word) if kind == before && (1..3).contains(&kind) => word.push(c),
            _ if kind > 0 => words.push(c.to_string()),
            _ => {}
        }
        before = kind;
    }
    words
}

/// Whether SQL asks for the tenant by hand: a join of rows of one chain does not.
fn asks_for_tenant(text: &str) -> bool {
    let words = words(text);
    let at = |index: usize| words.get(index).map_or("", String::as_str);
    let row = |word: &str| word == "tenant_id" || word.ends_with(".tenant_id") || word.ends_with(".id");
    let sign = |word: &str| ["=", "<>", "!="].contains(&word);
    let asks = |i: usize| {
        let (before, after) = (at(i.wrapping_sub(1)), at(i + 1));
        let closed = (i..words.len()).find(|end| at(*end) == ")").map_or("", |end| at(end + 1));
        (at(i) == "tenant_id" && before == "where")
            || (sign(after) && !row(at(i + 2)))
            || (sign(before) && !row(at(i.wrapping_sub(2))))
            || (before == "(" && (sign(closed) || closed == "in"))
            || ["between", "in", "not"].contains(&after)
            || (after == "is" && (at(i + 2) == "distinct" || at(i + 3) == "distinct"))
    };
    (0..words.len()).filter(|i| at(*i) == "tenant_id" || at(*i).ends_with(".tenant_id")).any(asks)
}

/// What a router is given beside the document: `GET /metrics`, `nest /api/v1`, `fallback`.
fn routes(text: &str) -> Vec<String> {
    const CALLS: &[&str] =
        &[".fallback(", ".fallback_service(", ".nest(", ".nest_service(", ".route(", ".route_service(", "SwaggerUi::new("];
    CALLS.iter().flat_map(|call| text.split(*call).skip(1).map(move |rest| route(call, rest))).collect()
}

fn route(call: &str, rest: &str) -> String {
    const METHODS: &[&str] = &["any", "delete", "get", "head", "on", "options", "patch", "post", "put"];
    let mut open = 1;
    let end = rest.find(|c: char| {
        open += i32::from(c == '(') - i32::from(c == ')');
        open == 0
    });
    let given = &rest[..end.unwrap_or(rest.len())];
    let name = call.trim_matches(['.', '(']);
    if name.starts_with("fallback") {
        return name.to_owned();
    }
    let (path, handlers) = given.split_once(',').unwrap_or((given, ""));
    let called = |method: &&&str| {
        let parts = handlers.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '(');
        parts.filter_map(|part| part.split_once('(')).any(|(first, _)| first == **method)
    };
    let methods: Vec<String> = METHODS.iter().filter(called).map(|method| method.to_uppercase()).collect();
    format!("{} {}", if methods.is_empty() { name.to_owned() } else { methods.join(" ") }, path.trim().trim_matches('"'))
}

/// Names that no place of the list covers, and places that cover none.
fn astray<'a>(found: impl Iterator<Item = &'a String>, places: &[(&str, &str)]) -> BTreeSet<String> {
    let mut idle: BTreeSet<String> = places.iter().map(|(place, _)| format!("nothing in {place}")).collect();
    let mut wrong = BTreeSet::new();
    for name in found {
        match places.iter().find(|(place, _)| name.starts_with(place)) {
            Some((place, _)) => idle.remove(&format!("nothing in {place}")),
            None => wrong.insert(name.clone()),
        };
    }
    wrong.append(&mut idle);
    wrong
}

fn is_store(name: &str) -> bool {
    name.ends_with("/store.rs") || name.contains("/store/")
}

/// SQL lives in stores, the system's context in few places, and a tenant is asked for by row-level security.
#[test]
fn sql_lives_in_stores_and_the_system_context_in_few_places() {
    let texts = texts();
    let of = |finds: fn(&str) -> bool| texts.iter().filter(move |(_, text)| finds(text)).map(|(name, _)| name);
    let none = BTreeSet::new();
    assert_eq!(astray(of(has_sql).filter(|name| !is_store(name)), CON_SQL), none, "SQL outside a store");
    assert_eq!(astray(of(|text| text.contains("SystemCtx")), CON_SISTEMA), none, "the system's context");
    assert_eq!(astray(of(asks_for_tenant), CON_CADENA), none, "asks for the tenant by hand");
}

/// A route that the document does not know is called by no counting test: it stands in the list, with a reason.
#[test]
fn routes_outside_of_the_document_are_known() {
    let texts = texts();
    let mut found: Vec<(&str, String)> =
        texts.iter().flat_map(|(name, text)| routes(text).into_iter().map(move |route| (name.as_str(), route))).collect();
    let mut known: Vec<(&str, String)> = SIN_DOCUMENTO.iter().map(|(name, route, _)| (*name, (*route).to_owned())).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

#[test]
fn each_way_to_write_sql_is_found() {
    for text in [
        "sqlx::query(\"select 1\")",
        "let rows = query!(\"select 1\");",
        "use sqlx::{PgPool, query_scalar};",
        "sqlx::raw_sql(text)",
        "QueryBuilder::new(\"select \")",
        "query_file!(\"una.sql\")",
        "query_file_as!(Cita, \"una.sql\")",
        "tx.execute(AssertSqlSafe(text))",
        "db.execute(\n    \"delete from citas\")",
        "db.fetch_one(r#\"select 1\"#)",
    ] {
        assert!(has_sql(text), "{text}");
    }
    for text in ["cmd.query_async(&mut manager)", "builder.query(&pairs)", "plan.execute(&mut tx)", "// what a query asks"] {
        assert!(!has_sql(text), "{text}");
    }
}

#[test]
fn each_way_to_ask_for_the_tenant_is_found() {
    for text in [
        "select from citas where tenant_id = $1",
        "select from citas WHERE\n      Tenant_Id = $1",
        "from citas c join t on true\n and c.tenant_id\n = $1",
        "where $1 = c.tenant_id",
        "where c.tenant_id = any($1)",
        "where c.tenant_id <> tenant_actual()",
        "where c.\"tenant_id\" in (select id from tenants)",
        "where c.tenant_id is not distinct from $1",
        "where (tenant_id, id) = ($1, $2)",
        "delete from citas where c.tenant_id='x'",
    ] {
        assert!(asks_for_tenant(text), "{text}");
    }
    for text in [
        "from sesiones s join usuarios u on u.tenant_id = s.tenant_id and u.id = $1",
        "join tenants t on t.id = s.tenant_id",
        "insert into citas (tenant_id, id) select tenant_id, $1 from sedes",
        "on conflict (tenant_id, id) do update set motivo = excluded.motivo",
        "a.attname <> 'tenant_id' and r.tenant_id is null",
        "row.tenant_id == tenant",
    ] {
        assert!(!asks_for_tenant(text), "{text}");
    }
}

#[test]
fn each_way_to_give_a_route_is_found() {
    let text = "Router::new()
        .route(\"/nueva\", get(|| async { una(1) }).post(otra))
        .route(
            RUTA,
            axum::routing::delete(quitar),
        )
        .route_service(\"/archivos\", servicio)
        .nest(\"/mas\", mas())
        .fallback(move |request| nada(request))
        .method_not_allowed_fallback(otro)
        .merge(SwaggerUi::new(\"/docs\"))
        .routes(routes!(listar))";
    assert_eq!(
        routes(text),
        ["fallback", "nest /mas", "GET POST /nueva", "DELETE RUTA", "route_service /archivos", "SwaggerUi::new /docs"]
    );
}

#[test]
fn a_file_out_of_place_and_a_place_without_a_file_are_found() {
    let found = ["citas/src/routes.rs", "server/src/pool.rs"].map(str::to_owned);
    let places = [("server/src/pool.rs", "so"), ("xtask/", "so")];
    assert_eq!(astray(found.iter(), &places), super::set(&["citas/src/routes.rs", "nothing in xtask/"]));
    assert!(is_store("citas/src/store.rs") && is_store("citas/src/store/citas.rs") && !is_store("citas/src/storefront.rs"));
}
