//! Whole tables of a chain, out and in. Their names are ours, written in the code of who owns them; what comes from a
//! file is always a value.
use kernel::{
    Problem, Tx,
    portable::{Row, Tabla},
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, Row as _};

/// A column as the database has it.
#[derive(Debug, Clone)]
pub struct Columna {
    pub nombre: String,
    pub tipo: String,
    pub obligatoria: bool,
}

/// All that follows sees one moment and changes nothing. Before anything else in the transaction.
pub async fn one_moment(tx: &mut Tx) -> Result<(), Problem> {
    tx.execute("set transaction isolation level repeatable read, read only; set local statement_timeout = 0").await?;
    Ok(())
}

/// However long it takes.
pub async fn patiently(tx: &mut Tx) -> Result<(), Problem> {
    tx.execute("set local statement_timeout = 0; set local lock_timeout = 0").await?;
    Ok(())
}

/// The columns of a table, without its tenant.
pub async fn columns(tx: &mut Tx, tabla: &str) -> Result<Vec<Columna>, Problem> {
    let rows = sqlx::query(
        "select a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull from pg_attribute a
          where a.attrelid = ('huella.' || quote_ident($1))::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> 'tenant_id'
            and a.attgenerated = '' order by a.attnum",
    )
    .bind(tabla)
    .fetch_all(&mut **tx)
    .await?;
    let column = |row: sqlx::postgres::PgRow| Ok(Columna { nombre: row.try_get(0)?, tipo: row.try_get(1)?, obligatoria: row.try_get(2)? });
    rows.into_iter().map(column).collect::<Result<_, sqlx::Error>>().map_err(Problem::from)
}

/// Opens a table to be read in portions with [`more`].
pub async fn open(tx: &mut Tx, tabla: &Tabla) -> Result<(), Problem> {
    let (name, order) = (tabla.nombre, if tabla.clave.is_empty() { "tenant_id".to_owned() } else { tabla.clave.join(", ") });
    let without: Vec<String> = tabla.omite.iter().chain(&["tenant_id"]).map(|column| format!("'{column}'")).collect();
    let which = tabla.donde.map(|donde| format!(" where {donde}")).unwrap_or_default();
    let sql = format!(
        "declare filas no scroll cursor for select to_jsonb(t) - array[{}] from {name} t{which} order by {order}",
        without.join(", ")
    );
    tx.execute(AssertSqlSafe(sql)).await?;
    Ok(())
}

/// The next rows; none at the end, which closes the table.
pub async fn more(tx: &mut Tx, count: usize) -> Result<Vec<Row>, Problem> {
    let rows: Vec<sqlx::types::Json<Row>> =
        sqlx::query_scalar(AssertSqlSafe(format!("fetch {count} from filas"))).persistent(false).fetch_all(&mut **tx).await?;
    if rows.is_empty() {
        tx.execute("close filas").await?;
    }
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Writes rows. `columns`: those that are written; the others take their default. Says how many went in.
pub async fn insert(tx: &mut Tx, tabla: &str, columns: &[String], rows: Vec<Row>) -> Result<u64, Problem> {
    let columns = columns.join(", ");
    let sql = format!("insert into {tabla} ({columns}) select {columns} from jsonb_populate_recordset(null::{tabla}, $1)");
    let rows = Value::Array(rows.into_iter().map(Value::Object).collect());
    Ok(sqlx::query(AssertSqlSafe(sql)).bind(rows).persistent(false).execute(&mut **tx).await?.rows_affected())
}

/// Fills in columns that had to wait. `rows`: key and columns.
pub async fn complete(tx: &mut Tx, tabla: &Tabla, rows: Vec<Row>) -> Result<(), Problem> {
    let name = tabla.nombre;
    let set: Vec<String> = tabla.luego.iter().map(|column| format!("{column} = r.{column}")).collect();
    let on: Vec<String> = tabla.clave.iter().map(|column| format!("t.{column} = r.{column}")).collect();
    let sql =
        format!("update {name} t set {} from jsonb_populate_recordset(null::{name}, $1) r where {}", set.join(", "), on.join(" and "));
    let rows = Value::Array(rows.into_iter().map(Value::Object).collect());
    sqlx::query(AssertSqlSafe(sql)).bind(rows).persistent(false).execute(&mut **tx).await?;
    Ok(())
}
