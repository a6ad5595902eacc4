//! The same booking by pgbench: the very statements that the server sends, taken from `.sqlx`, on the same
//! schema and settings, with the same number of clients. What is left between the two is the price of the server.
//!
//! Two differences, both in pgbench's disfavour by a few per cent: it reads each slot from a table, and it sends
//! BEGIN and the context apart (its prepared mode takes one statement at a time).
use crate::mundo::{Cadena, Lugar};
use anyhow::{Context, Result};
use jiff::civil::Date;
use sqlx::PgPool;
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

/// Variables of each statement's `$1`, `$2`, …: columns of `turnos`, or constants given with `-D`.
const CONTEXTO: &[&str] = &["sede", "mascota", "servicio", "medico", "inicio"];
const INSERT: &[&str] =
    &["id", "sede", "mascota", "medico", "servicio", "ambiente", "inicio", "fin", "inicio", "hasta", "nada", "ahora", "autor", "lista"];
const FLUSH: &[&str] = &[
    "ahora",
    "tipo",
    "autor",
    "ip",
    "traza",
    "audit",
    "sedes",
    "acciones",
    "entidades",
    "ids",
    "antes",
    "despues",
    "temas",
    "sedes",
    "cuerpos",
    "nada",
    "nada",
    "nada",
    "nada",
    "nada",
    "nada",
];

/// A statement of the server by a piece of its text, each `$n` replaced by its variable, cast to its type.
/// Empty stands for null, which pgbench's variables cannot hold.
fn statement(piece: &str, names: &[&str]) -> Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.sqlx");
    for entry in std::fs::read_dir(&folder).context(".sqlx")?.flatten() {
        let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(entry.path())?)?;
        let text = json["query"].as_str().unwrap_or_default();
        if !text.contains(piece) {
            continue;
        }
        let types = json["describe"]["parameters"]["Left"].as_array().cloned().unwrap_or_default();
        anyhow::ensure!(types.len() == names.len(), "«{piece}» tiene {} parámetros, se esperaban {}", types.len(), names.len());
        let mut sql = text.replace('\n', " ");
        for (index, (sql_type, name)) in types.iter().zip(names).enumerate().rev() {
            let value = format!("(nullif(:{name}, '')::{})", type_of(sql_type.as_str().unwrap_or_default()));
            sql = sql.replace(&format!("${}", index + 1), &value);
        }
        return Ok(sql);
    }
    anyhow::bail!("no hay una consulta con «{piece}» en .sqlx")
}

fn type_of(name: &str) -> String {
    match name.strip_suffix("Array") {
        Some(item) => format!("{}[]", item.to_lowercase()),
        None => name.to_lowercase(),
    }
}

pub struct Pgbench {
    script: PathBuf,
    /// The first slot not booked yet.
    next: u64,
}

/// Stores `count` free slots of `cadenas` (their numbers from `from` on) and writes the script.
pub async fn preparar(lugar: &Lugar, db: &PgPool, cadenas: &[Cadena], first_day: Date, from: u64, count: u64) -> Result<Pgbench> {
    sqlx::query(
        "create table public.turnos_base (n bigint, tenant uuid, sede uuid, mascota uuid, servicio uuid, medico uuid, inicio timestamptz)",
    )
    .execute(db)
    .await?;
    for start in (0..count).step_by(10_000) {
        let numbers = start..count.min(start + 10_000);
        let chain = |n: u64| &cadenas[(n % cadenas.len() as u64) as usize];
        let turnos: Vec<_> = numbers.clone().map(|n| chain(n).turno(from + n / cadenas.len() as u64, first_day, None)).collect();
        sqlx::query("insert into public.turnos_base select * from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[]::timestamptz[])")
            .bind(numbers.clone().map(|n| n as i64).collect::<Vec<_>>())
            .bind(numbers.clone().map(|n| chain(n).tenant.0).collect::<Vec<_>>())
            .bind(turnos.iter().map(|t| t.sede).collect::<Vec<_>>())
            .bind(turnos.iter().map(|t| t.mascota).collect::<Vec<_>>())
            .bind(numbers.map(|n| chain(n).servicio).collect::<Vec<_>>())
            .bind(turnos.iter().map(|t| t.medico).collect::<Vec<_>>())
            .bind(turnos.iter().map(|t| t.inicio.to_string()).collect::<Vec<_>>())
            .execute(db)
            .await?;
    }
    sqlx::raw_sql(TURNOS).execute(db).await.context("turnos")?;
    let script = lugar.folder.join("reservar.pgbench");
    std::fs::write(&script, text()?)?;
    Ok(Pgbench { script, next: 0 })
}

/// Every vet has a room of the same number, so that two visits at one time never want the same.
const TURNOS: &str = "
create table public.turnos as
select b.n, b.tenant::text, b.sede::text, b.mascota::text, b.servicio::text, b.medico::text, b.inicio::text,
       i.id::text, r.ambiente::text, (b.inicio + '15 min')::text as fin, (b.inicio + '20 min')::text as hasta,
       '{' || gen_random_uuid() || '}' as audit, '{' || b.sede || '}' as sedes, '{' || i.id || '}' as ids,
       array[jsonb_build_object('id', i.id, 'sede_id', b.sede, 'mascota_id', b.mascota, 'medico_id', b.medico, 'servicio_id', b.servicio,
         'ambiente_id', r.ambiente, 'inicio', b.inicio, 'fin', b.inicio + '15 min', 'estado', 'programada', 'motivo', null,
         'anulada_motivo', null, 'sobrecupo', false, 'version', 1)]::text as despues,
       array[jsonb_build_object('id', i.id, 'sede_id', b.sede, 'mascota_id', b.mascota, 'medico_id', b.medico, 'inicio', b.inicio,
         'fin', b.inicio + '15 min', 'estado', 'programada')]::text as cuerpos
  from public.turnos_base b
  join (select m.medico_id, a.id as ambiente
          from (select sede_id, medico_id, row_number() over (partition by sede_id order by medico_id) as k from (select distinct sede_id, medico_id from planes_medicos) p) m
          join (select sede_id, id, row_number() over (partition by sede_id order by nombre) as k from ambientes) a on a.sede_id = m.sede_id and a.k = m.k) r
    on r.medico_id = b.medico
  cross join lateral (select gen_random_uuid() as id where b.n is not null) i;
alter table public.turnos add primary key (n);
drop table public.turnos_base;
analyze public.turnos;";

fn text() -> Result<String> {
    let contexto = statement("left join v_sedes s on s.id = $1", CONTEXTO)?;
    let insert = statement("insert into citas (id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id", INSERT)?;
    let flush = statement("with cambios as", FLUSH)?;
    Ok(format!(
        "\\set n :next + :client_id + :vuelta * :clientes\n\\set vuelta :vuelta + 1\n\
         select * from public.turnos where n = :n \\gset\n\
         begin;\n\
         select set_config('role', 'huella_app', true), set_config('app.tenant', :tenant, true), set_config('app.sedes', '{{}}', true), set_config('app.ambito', 'cadena', true);\n\
         {contexto};\n{insert};\n{flush};\ncommit;\n"
    ))
}

impl Pgbench {
    /// Bookings a second with so many clients.
    pub fn run(&mut self, lugar: &Lugar, database: &str, clients: usize, seconds: u32) -> Result<f64> {
        let constants = [
            ("next", self.next.to_string()),
            ("clientes", clients.to_string()),
            ("vuelta", "0".into()),
            ("nada", String::new()),
            ("ahora", "2026-01-01T00:00:00Z".into()),
            ("autor", Uuid::max().to_string()),
            ("lista", "{}".into()),
            ("tipo", "usuario".into()),
            ("ip", "127.0.0.1".into()),
            ("traza", "0af7651916cd43dd8448eb211c80319c".into()),
            ("acciones", "{reservar}".into()),
            ("entidades", "{cita}".into()),
            ("antes", "{NULL}".into()),
            ("temas", "{cita.reservada}".into()),
        ];
        let mut command = Command::new(&lugar.pgbench);
        command.args(["-n", "-M", "prepared", "-c", &clients.to_string(), "-j", "1", "-T", &seconds.to_string(), "-f"]).arg(&self.script);
        for (name, value) in constants {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let output = command.arg("-d").arg(lugar.url(database)).env("PGOPTIONS", "-c search_path=huella,public").output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        anyhow::ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
        let number = |label: &str| -> Option<f64> {
            text.lines().find_map(|line| line.strip_prefix(label))?.split_whitespace().next()?.parse().ok()
        };
        let tps = number("tps = ").with_context(|| format!("pgbench: {text}"))?;
        let done = number("number of transactions actually processed: ").unwrap_or_default();
        // Clients differ a little in speed: step over all that any of them may have taken.
        self.next += (done * 1.5) as u64 + (clients * 50) as u64;
        Ok(tps)
    }
}
