//! Tests that count, so that nothing can be forgotten: tables, views and functions here, imports below,
//! operations in `operaciones.rs`, roles in `organizacion`, the contract in `plataforma.rs`.
use huella_tests::Huella;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

/// Tables without a tenant: the tenants themselves and what belongs to the platform.
const SIN_TENANT: &[&str] = &["auditoria_cursor", "feriados", "tenants"];
/// Functions that run as the owner. Each reads or writes one tenant only, by forced row-level security on the
/// owner too; `tenant_por_clave` alone goes from a name to an id.
const SECURITY_DEFINER: &[&str] = &[
    "citas_conflictos",
    "medico_deja",
    "medicos_ocupados",
    "recursos_ocupados",
    "subir_version_acceso",
    "subir_version_tenant",
    "tenant_por_clave",
];
/// Tables with a `sede_id` that the whole chain sees, and why.
const SEDE_SIN_POLITICA: &[&str] = &[
    "asignaciones", // who works where; filtered by permission
    "auditoria",    // rows without a sede belong to the chain; its own policy
    "outbox",       // written by requests, read by the relay alone
    "pesos",        // part of the pet's record, which the chain shares
];

async fn names(huella: &Huella, query: &str) -> BTreeSet<String> {
    let rows: Vec<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_all(&huella.sql).await.expect("a catalogue query");
    rows.into_iter().collect()
}

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

const TABLES: &str = "select c.relname::text from pg_class c where c.relnamespace = 'huella'::regnamespace and c.relkind in ('r', 'p')";
const HAS_TENANT: &str = "exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)";

#[tokio::test]
async fn every_table_of_a_tenant_has_forced_row_level_security() {
    let huella = Huella::start().await;
    assert_eq!(names(&huella, &format!("{TABLES} and not {HAS_TENANT}")).await, set(SIN_TENANT), "tables without tenant_id");
    let open = names(&huella, &format!("{TABLES} and {HAS_TENANT} and not (c.relrowsecurity and c.relforcerowsecurity)")).await;
    assert!(open.is_empty(), "without forced row-level security: {open:?}");
    let lax = names(
        &huella,
        &format!(
            "{TABLES} and {HAS_TENANT} and exists (select from pg_policies p where p.schemaname = 'huella' and p.tablename = c.relname
               and p.roles && array['huella_app', 'huella_ro', 'public']::name[]
               and coalesce(p.qual, p.with_check) not like '%tenant_actual()%')"
        ),
    )
    .await;
    assert!(lax.is_empty(), "a policy for the app does not ask for the tenant: {lax:?}");
    let keyless = names(
        &huella,
        &format!(
            "{TABLES} and {HAS_TENANT} and c.relname <> 'outbox' and exists (select from pg_index i where i.indrelid = c.oid and i.indisunique
               and (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0]) <> 'tenant_id')"
        ),
    )
    .await;
    assert!(keyless.is_empty(), "a unique key does not start with the tenant, so it would tell of others' rows: {keyless:?}");
}

#[tokio::test]
async fn every_table_of_a_sede_asks_for_the_sede() {
    let huella = Huella::start().await;
    let unasked = names(
        &huella,
        &format!(
            "{TABLES} and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'sede_id' and not a.attisdropped)
               and exists (select from pg_policies p where p.schemaname = 'huella' and p.tablename = c.relname and 'huella_app' = any (p.roles)
                 and coalesce(p.qual, p.with_check) not like '%sede_visible(sede_id)%')"
        ),
    )
    .await;
    assert_eq!(unasked, set(SEDE_SIN_POLITICA));
}

#[tokio::test]
async fn foreign_keys_stay_inside_the_tenant() {
    let huella = Huella::start().await;
    let crossing = names(
        &huella,
        "select conrelid::regclass::text || '.' || conname from pg_constraint k
          where contype = 'f' and connamespace = 'huella'::regnamespace and confrelid <> 'huella.tenants'::regclass
            and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'tenant_id' and a.attnum = any (k.conkey))",
    )
    .await;
    assert!(crossing.is_empty(), "{crossing:?}");
}

#[tokio::test]
async fn views_run_as_the_reader_and_definer_functions_are_known() {
    let huella = Huella::start().await;
    let own = names(
        &huella,
        "select c.relname::text from pg_class c where c.relnamespace = 'huella'::regnamespace and c.relkind in ('v', 'm')
           and (c.relkind = 'm' or not coalesce(c.reloptions @> '{security_invoker=true}', false))",
    )
    .await;
    assert!(own.is_empty(), "views that run as their owner: {own:?}");
    let definer = names(&huella, "select proname::text from pg_proc where pronamespace = 'huella'::regnamespace and prosecdef").await;
    assert_eq!(definer, set(SECURITY_DEFINER));
    let loose = names(
        &huella,
        "select proname::text from pg_proc where pronamespace = 'huella'::regnamespace and prosecdef
           and (not coalesce(array_to_string(proconfig, ' '), '') like '%search_path=%pg_temp%' or has_function_privilege('public', oid, 'execute'))",
    )
    .await;
    assert!(loose.is_empty(), "definer functions without a fixed search_path, or for everybody: {loose:?}");
}

#[tokio::test]
async fn the_app_role_has_no_more_than_it_needs() {
    let huella = Huella::start().await;
    let extra = names(
        &huella,
        "select table_name || ' ' || privilege_type from information_schema.role_table_grants
          where table_schema = 'huella' and grantee in ('huella_app', 'huella_ro') and privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES')
         union all
         select table_name || ' ' || privilege_type from information_schema.role_table_grants
          where table_schema = 'huella' and grantee = 'huella_app' and table_name in ('auditoria', 'auditoria_eslabones') and privilege_type in ('UPDATE', 'DELETE')
         union all
         select table_name || ' ' || privilege_type from information_schema.role_table_grants
          where table_schema = 'huella' and grantee = 'huella_ro' and privilege_type <> 'SELECT'
         union all
         select table_name || ' public' from information_schema.role_table_grants where table_schema = 'huella' and grantee = 'PUBLIC'
         union all
         select rolname || ' bypasses' from pg_roles where rolname like 'huella%' and rolname <> 'huella_backup' and (rolbypassrls or rolsuper)
         union all
         select relname || ' is owned by the app' from pg_class where relnamespace = 'huella'::regnamespace and pg_get_userbyid(relowner) = 'huella_app'",
    )
    .await;
    assert!(extra.is_empty(), "{extra:?}");
}

/// Direct SQL as the app's role, table by table: nothing without a context, nothing of another chain with one.
#[tokio::test]
async fn direct_sql_as_the_app_sees_its_own_chain_only() {
    let huella = Huella::start().await;
    let costera: String = huella.scalar("select id::text from tenants where clave = 'costera'").await;
    let tables = names(&huella, &format!("{TABLES} and {HAS_TENANT} and has_table_privilege('huella_app', c.oid, 'select')")).await;
    assert!(tables.len() > 30, "{tables:?}");
    let mut filled = 0;
    for table in &tables {
        let total: i64 = huella.scalar(&format!("select count(*) from {table} where tenant_id <> '{costera}'")).await;
        filled += i64::from(total > 0);
        let mut tx = huella.sql.begin().await.expect("a transaction");
        let count = |sql: String| sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql));
        sqlx::query("set local role huella_app").execute(&mut *tx).await.expect("the role");
        let none = count(format!("select count(*) from {table}")).fetch_one(&mut *tx).await.expect("a count");
        assert_eq!(none, 0, "{table} shows rows without a context");
        sqlx::query("select set_config('app.tenant', $1, true), set_config('app.ambito', 'cadena', true)")
            .bind(&costera)
            .execute(&mut *tx)
            .await
            .expect("a context");
        let foreign =
            count(format!("select count(*) from {table} where tenant_id <> '{costera}'")).fetch_one(&mut *tx).await.expect("a count");
        assert_eq!(foreign, 0, "{table} shows another chain's rows");
    }
    assert!(filled >= 15, "the fixtures fill too few tables ({filled}) for this test to mean anything");
}

/// With a context of one sede, rows of the other sede of the same chain stay hidden, and cannot be written.
#[tokio::test]
async fn direct_sql_as_the_app_sees_its_own_sedes_only() {
    let huella = Huella::start().await;
    let (lima, cusco) = (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "sedes", "codigo", "CUS").await);
    let andina: String = huella.scalar("select id::text from tenants where clave = 'andina'").await;
    for table in ["ambientes", "horarios_sede", "planes_medicos"] {
        let there: i64 = huella.scalar(&format!("select count(*) from {table} where sede_id = '{cusco}'")).await;
        assert!(there > 0, "{table} has rows of Cusco");
        let mut tx = huella.sql.begin().await.expect("a transaction");
        sqlx::query("select set_config('role', 'huella_app', true), set_config('app.tenant', $1, true), set_config('app.sedes', $2, true)")
            .bind(&andina)
            .bind(format!("{{{lima}}}"))
            .execute(&mut *tx)
            .await
            .expect("a context");
        let foreign: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table} where sede_id <> '{lima}'")))
            .fetch_one(&mut *tx)
            .await
            .expect("a count");
        assert_eq!(foreign, 0, "{table}");
        let moved =
            sqlx::query(sqlx::AssertSqlSafe(format!("insert into areas (id, sede_id, nombre) values (gen_random_uuid(), '{cusco}', 'x')")))
                .execute(&mut *tx)
                .await;
        assert_eq!(moved.expect_err("refused").as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"));
    }
}

// ── who imports whom ────────────────────────────────────────────────────────────────────────────────────

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The list in ARCHITECTURE.md: `crate: what it may import`, in a fenced block called `imports`.
fn drawn() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let block = text.split("```imports\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block `imports`");
    let line = |line: &str| -> Option<(String, BTreeSet<String>)> {
        let (name, imports) = line.split_once(':')?;
        Some((name.trim().to_owned(), imports.split_whitespace().map(str::to_owned).collect()))
    };
    block.lines().filter_map(line).collect()
}

#[test]
fn imports_match_the_picture() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let imports = |package: &serde_json::Value| -> BTreeSet<String> {
        let normal = |d: &&serde_json::Value| d["kind"].is_null();
        package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(normal)
            .filter_map(|d| d["name"].as_str())
            .filter(|name| ours.contains(name))
            .map(str::to_owned)
            .collect()
    };
    let real: BTreeMap<String, BTreeSet<String>> = packages
        .iter()
        .filter(|p| p["name"] != "huella-tests")
        .map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), imports(p)))
        .collect();
    assert_eq!(real, drawn(), "change the design first, then the code");
    assert!(real["kernel"].is_empty(), "kernel imports none of ours");
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// SQL lives in `store.rs` or `store/`, `SystemCtx` in `server`, identity's own background work and the kernel.
#[test]
fn sql_lives_in_stores_and_the_system_context_in_few_places() {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root().join("platform")).expect("platform").flatten() {
        let source = entry.path().join("src");
        if source.is_dir() {
            sources(&source, &mut files);
        }
    }
    assert!(files.len() > 60);
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.to_string_lossy().split("platform/").nth(1).unwrap_or_default().to_owned();
        let text = std::fs::read_to_string(file).expect("text");
        let sql = ["sqlx::query", "query!(", "query_as!(", "query_scalar!("].iter().any(|call| text.contains(call));
        let may = name.contains("/store")
            || ["cluster/", "xtask/"].iter().any(|place| name.starts_with(place))
            || name.starts_with("server/src/demo/");
        if sql && !may {
            wrong.push(format!("{name}: SQL outside a store"));
        }
        let system = text.contains("SystemCtx");
        let may = ["kernel/", "server/", "organizacion/src/identidad/"].iter().any(|place| name.starts_with(place));
        if system && !may {
            wrong.push(format!("{name}: SystemCtx"));
        }
        if text.contains("where tenant_id") && !name.starts_with("server/") && !name.contains("kernel/src/store") {
            wrong.push(format!("{name}: asks for the tenant by hand"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
