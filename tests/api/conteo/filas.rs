//! Direct SQL as the app's role, table by table, with rows that must not be seen. No table is empty here: one without a
//! row proves nothing.
use super::{HAS_SEDE, HAS_TENANT, SEDE_SIN_POLITICA, TABLES, names, set};
use crate::operaciones::Mundo;
use huella_tests::Huella;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Postgres, Transaction};

/// What the app writes and nobody reads but the background work.
const NO_SE_LEE: &[&str] = &["outbox"];

/// A row of `andina`, of its sede Lima, in each table that has none. What these rows say means nothing, so neither foreign
/// keys nor checks are asked; whose they are is all that the tests below go by.
const LLENAR: &str = r#"do $do$
declare
  t record;
  hay boolean;
  columnas text;
  valores text;
  cadena constant uuid := (select id from huella.tenants where clave = 'andina');
  sede constant uuid := (select id from huella.sedes where tenant_id = cadena and codigo = 'LIM');
begin
  set local session_replication_role = replica;
  for t in
    select conrelid::regclass as tabla, conname from pg_constraint
     where contype = 'c' and connamespace = 'huella'::regnamespace and conrelid <> 0
  loop
    execute format('alter table %s drop constraint %I', t.tabla, t.conname);
  end loop;
  for t in
    select c.oid, c.relname as nombre, exists (select from pg_attribute where attrelid = c.oid and attname = 'sede_id') as de_sede
      from pg_class c
     where c.relnamespace = 'huella'::regnamespace and c.relkind in ('r', 'p')
       and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id')
  loop
    execute format('select exists (select from huella.%I where tenant_id = %L and %s)', t.nombre, cadena,
                   case when t.de_sede then format('sede_id = %L', sede) else 'true' end) into hay;
    continue when hay;
    select string_agg(quote_ident(a.attname), ', '),
           string_agg(case
             when a.attname = 'tenant_id' then quote_literal(cadena)
             when a.attname = 'sede_id' then quote_literal(sede)
             when y.typcategory = 'A' then quote_literal('{}')
             when y.typname = 'uuid' then 'gen_random_uuid()'
             when y.typcategory = 'D' then 'now()'
             when y.typname in ('json', 'jsonb') then quote_literal('{"tipo": "x"}')
             when y.typcategory = 'B' then 'false'
             when y.typcategory = 'N' then '1'
             else quote_literal('x')
           end || '::' || format_type(a.atttypid, a.atttypmod), ', ')
      into columnas, valores
      from pg_attribute a join pg_type y on y.oid = a.atttypid
     where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
       and (a.attname in ('tenant_id', 'sede_id') or a.attnotnull and not a.atthasdef);
    execute format('insert into huella.%I (%s) values (%s)', t.nombre, columnas, valores);
  end loop;
end $do$"#;

/// Two chains, of which one has something in every table.
struct Lleno {
    huella: Huella,
    andina: String,
    costera: String,
    lima: String,
    cusco: String,
}

/// A table, and a row of it that somebody else must not reach.
struct Tabla {
    nombre: String,
    columnas: String,
    fila: Value,
}

impl Lleno {
    async fn start() -> Self {
        let huella = Mundo::start().await.huella;
        huella.execute(LLENAR).await;
        let tenant = async |clave: &str| huella.scalar::<String>(&format!("select id::text from tenants where clave = '{clave}'")).await;
        let (andina, costera) = (tenant("andina").await, tenant("costera").await);
        let (lima, cusco) =
            (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "sedes", "codigo", "CUS").await);
        Self { huella, andina, costera, lima, cusco }
    }

    /// The tables that a query names, each with one of the rows that `whose` says; none is without.
    async fn tablas(&self, query: &str, whose: &str) -> Vec<Tabla> {
        let mut tablas = Vec::new();
        for nombre in names(&self.huella, query).await {
            let columnas = format!(
                "select string_agg(quote_ident(attname), ', ') from pg_attribute
                  where attrelid = 'huella.{nombre}'::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''"
            );
            let fila = format!("select to_jsonb(r) from {nombre} r where {whose} limit 1");
            let fila: Option<Value> = sqlx::query_scalar(AssertSqlSafe(fila)).fetch_optional(&self.huella.sql).await.expect("a row");
            let fila = fila.unwrap_or_else(|| panic!("{nombre} has no row with {whose}"));
            tablas.push(Tabla { columnas: self.huella.scalar(&columnas).await, nombre, fila });
        }
        tablas
    }

    /// As the server's transactions are: the role, and what it may see.
    async fn como(&self, tenant: &str, ambito: &str, sedes: &str) -> Transaction<'_, Postgres> {
        let mut tx = self.huella.sql.begin().await.expect("a transaction");
        let context =
            "select set_config('role', 'huella_app', true), set_config('app.tenant', $1, true), set_config('app.ambito', $2, true),
                              set_config('app.sedes', $3, true)";
        sqlx::query(context).bind(tenant).bind(ambito).bind(sedes).execute(&mut *tx).await.expect("a context");
        tx
    }
}

async fn count(tx: &mut Transaction<'_, Postgres>, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut **tx).await.expect("a count")
}

/// What became of a write, which is taken back: rows reached, or the code of the error.
async fn tried(tx: &mut Transaction<'_, Postgres>, sql: &str, row: Option<&Value>) -> Result<u64, String> {
    sqlx::query("savepoint antes").execute(&mut **tx).await.expect("a savepoint");
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    if let Some(row) = row {
        query = query.bind(row);
    }
    let done = query.execute(&mut **tx).await;
    sqlx::query("rollback to savepoint antes").execute(&mut **tx).await.expect("back");
    match done {
        Ok(done) => Ok(done.rows_affected()),
        Err(error) => Err(error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned()),
    }
}

/// Rows with `whose` are not seen, not changed, not taken away, and none is added to them.
async fn out_of_reach(tx: &mut Transaction<'_, Postgres>, tabla: &Tabla, whose: &str) {
    let Tabla { nombre, columnas, fila } = tabla;
    if !NO_SE_LEE.contains(&nombre.as_str()) {
        assert_eq!(count(tx, format!("select count(*) from {nombre} where {whose}")).await, 0, "{nombre} shows rows with {whose}");
    }
    // Not allowed at all, or no row is reached.
    let denied = Err("42501".to_owned());
    for write in [format!("update {nombre} set tenant_id = tenant_id where {whose}"), format!("delete from {nombre} where {whose}")] {
        let done = tried(tx, &write, None).await;
        assert!(done == Ok(0) || done == denied, "{write}: {done:?}");
    }
    let copy = format!("insert into {nombre} ({columnas}) select {columnas} from jsonb_populate_record(null::{nombre}, $1)");
    assert_eq!(tried(tx, &copy, Some(fila)).await, denied, "{nombre} takes a row with {whose}");
}

/// Nothing without a context, nothing of another chain with one.
#[tokio::test]
async fn direct_sql_as_the_app_sees_its_own_chain_only() {
    let lleno = Lleno::start().await;
    let unread = format!("{TABLES} and {HAS_TENANT} and not has_table_privilege('huella_app', c.oid, 'select')");
    assert_eq!(names(&lleno.huella, &unread).await, set(NO_SE_LEE));
    let theirs = format!("tenant_id = '{}'", lleno.andina);
    let tablas = lleno.tablas(&format!("{TABLES} and {HAS_TENANT}"), &theirs).await;
    assert!(tablas.len() > 100, "{}", tablas.len());

    let mut other = lleno.como(&lleno.costera, "cadena", "{}").await;
    let mut nobody = lleno.como("", "cadena", "{}").await;
    let mut bare = lleno.huella.sql.begin().await.expect("a transaction");
    sqlx::query("set local role huella_app").execute(&mut *bare).await.expect("the role");
    for tabla in &tablas {
        out_of_reach(&mut other, tabla, &theirs).await;
        for tx in [&mut nobody, &mut bare] {
            out_of_reach(tx, tabla, "true").await;
        }
    }
    assert_eq!(count(&mut other, format!("select count(*) from tenants where id <> '{}'", lleno.costera)).await, 0);
    assert_eq!(count(&mut bare, "select count(*) from tenants".into()).await, 0);

    // It is the context that hides them: with the right one each is there.
    drop((other, nobody, bare));
    let mut own = lleno.como(&lleno.andina, "cadena", "{}").await;
    for Tabla { nombre, .. } in tablas.iter().filter(|tabla| !NO_SE_LEE.contains(&tabla.nombre.as_str())) {
        assert!(count(&mut own, format!("select count(*) from {nombre}")).await > 0, "{nombre} shows nothing to its own chain");
    }
}

/// With a context of one sede, rows of the other sede of the same chain stay hidden, cannot be changed, and nothing
/// can be put there.
#[tokio::test]
async fn direct_sql_as_the_app_sees_its_own_sedes_only() {
    let lleno = Lleno::start().await;
    let of_sede = names(&lleno.huella, &format!("{TABLES} and {HAS_SEDE}")).await;
    assert!(set(SEDE_SIN_POLITICA).is_subset(&of_sede), "{SEDE_SIN_POLITICA:?}");
    let theirs = format!("sede_id = '{}'", lleno.lima);
    let tablas = lleno.tablas(&format!("{TABLES} and {HAS_SEDE}"), &theirs).await;
    let tablas: Vec<&Tabla> = tablas.iter().filter(|tabla| !SEDE_SIN_POLITICA.contains(&tabla.nombre.as_str())).collect();
    assert!(tablas.len() > 20, "{}", tablas.len());

    let mut cusco = lleno.como(&lleno.andina, "sedes", &format!("{{{}}}", lleno.cusco)).await;
    for tabla in &tablas {
        out_of_reach(&mut cusco, tabla, &theirs).await;
        let foreign = format!("select count(*) from {} where sede_id <> '{}'", tabla.nombre, lleno.cusco);
        assert_eq!(count(&mut cusco, foreign).await, 0, "{}", tabla.nombre);
        let taken = format!("update {} set sede_id = '{}' where {theirs}", tabla.nombre, lleno.cusco);
        let done = tried(&mut cusco, &taken, None).await;
        assert!(done == Ok(0) || done == Err("42501".to_owned()), "{taken}: {done:?}");
    }
    // Who waits names several sedes.
    assert_eq!(count(&mut cusco, "select count(*) from esperas".into()).await, 0);

    drop(cusco);
    let mut lima = lleno.como(&lleno.andina, "sedes", &format!("{{{}}}", lleno.lima)).await;
    for Tabla { nombre, .. } in tablas {
        assert!(count(&mut lima, format!("select count(*) from {nombre} where {theirs}")).await > 0, "{nombre} shows nothing to its sede");
    }
    assert!(count(&mut lima, "select count(*) from esperas".into()).await > 0);
}
