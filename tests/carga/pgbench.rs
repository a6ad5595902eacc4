//! The same booking by pgbench: the very statements that the server sends, taken from `.sqlx`, on the same schema and
//! settings, with the same number of clients and round trips. What is left between the two is the price of the server.
//!
//! A server gets its slot with the request; pgbench has to read it from a table. That read is measured alone in every
//! round, and its time is taken off: `1 / (1 / all - 1 / read)`.
use crate::{
    bench::Bench,
    chains::Cadena,
    place::Place,
    slots::{Supply, Turno},
};
use anyhow::{Context, Result, bail, ensure};
use citas::{Cita, Estado};
use jiff::{Timestamp, ToSpan};
use kernel::ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, ServicioId, UsuarioId};
use serde_json::{Value, json};
use std::{fmt::Write, path::Path, path::PathBuf, process::Command};
use uuid::Uuid;

/// What stands for a parameter of a statement.
#[derive(Clone, Copy)]
enum Bind {
    /// A column of the slot.
    Slot(&'static str),
    /// The same in every booking.
    Fixed(&'static str),
    Null,
}
use Bind::{Fixed, Null, Slot};

/// The parameters of each statement in order, with the name that the server's code has for them.
const MIRAR: &[(&str, Bind)] = &[
    ("sede", Slot("sede")),
    ("mascota", Slot("mascota")),
    ("medicos", Slot("medicos")),
    ("ambientes", Slot("ambientes")),
    ("equipos", Slot("equipos")),
    ("desde", Slot("inicio")),
    ("hasta", Slot("hasta")),
    ("now", Fixed("2026-01-01T00:00:00Z")),
    ("medico", Slot("medico")),
];
const INSERT: &[(&str, Bind)] = &[
    ("id", Slot("cita")),
    ("sede_id", Slot("sede")),
    ("mascota_id", Slot("mascota")),
    ("medico", Slot("medico")),
    ("servicio_id", Slot("servicio")),
    ("ambiente", Slot("ambiente")),
    ("inicio", Slot("inicio")),
    ("fin", Slot("fin")),
    ("desde", Slot("inicio")),
    ("hasta", Slot("hasta")),
    ("motivo", Null),
    ("now", Fixed("2026-01-01T00:00:00Z")),
    ("author", Fixed("01920000-0000-7000-8000-000000000000")),
    ("sobrecupo", Null),
    ("retenida_hasta", Null),
    ("estado", Fixed("programada")),
];
/// Of an appointment that takes equipment.
const EQUIPOS: &[(&str, Bind)] =
    &[("id", Slot("cita")), ("sede_id", Slot("sede")), ("desde", Slot("inicio")), ("hasta", Slot("hasta")), ("equipos", Slot("equipos"))];
const FLUSH: &[(&str, Bind)] = &[
    ("now", Fixed("2026-01-01T00:00:00Z")),
    ("actor_tipo", Fixed("usuario")),
    ("actor_id", Fixed("01920000-0000-7000-8000-000000000000")),
    ("ip", Fixed("127.0.0.1")),
    ("trace", Fixed("0af7651916cd43dd8448eb211c80319c")),
    ("ids", Slot("auditorias")),
    ("sedes", Slot("sedes")),
    ("acciones", Fixed("{reservar}")),
    ("entidades", Fixed("{cita}")),
    ("entidad_ids", Slot("citas")),
    ("antes", Fixed("{NULL}")),
    ("despues", Slot("despues")),
    ("temas", Fixed("{cita.reservada}")),
    ("tema_sedes", Slot("sedes")),
    ("cuerpos", Slot("cuerpos")),
    // No idempotency key, so no answer is kept.
    ("ruta", Null),
    ("clave", Null),
    ("huella", Null),
    ("estado", Null),
    ("etag", Null),
    ("cuerpo", Null),
    ("sedes_vistas", Null),
];

/// The same time limits as on the server's connections.
const SETTINGS: &str =
    "-c search_path=huella,public -c statement_timeout=8000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000";
const SLOTS: &str = include_str!("slots.sql");
const BOOKING: &str = include_str!("booking.pgbench");
const READING: &str = include_str!("reading.pgbench");

/// pgbench's variables hold text; a variable that is cast at once is bound as that type. None of them can be null, so a dash stands for it.
fn expression(name: &str, bind: Bind, sql_type: &str) -> String {
    match bind {
        Slot(column) => format!("(:{column}::{sql_type})"),
        Fixed(_) => format!("(:fixed_{name}::{sql_type})"),
        Null => format!("(nullif(:none, '-')::{sql_type})"),
    }
}

/// The one statement of the server with this piece of text, each `$n` replaced by what stands for it.
fn statement(piece: &str, binds: &[(&str, Bind)]) -> Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.sqlx");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).context(".sqlx")?.flatten().filter(|entry| entry.path().is_file()) {
        let json: Value = serde_json::from_str(&std::fs::read_to_string(entry.path())?)?;
        if json["query"].as_str().is_some_and(|text| text.contains(piece)) {
            found.push(json);
        }
    }
    let [only] = &found[..] else { bail!("{} consultas con «{piece}» en .sqlx", found.len()) };
    let types = only["describe"]["parameters"]["Left"].as_array().context("parámetros")?;
    ensure!(types.len() == binds.len(), "«{piece}» tiene {} parámetros, se esperaban {}", types.len(), binds.len());
    let mut sql = only["query"].as_str().unwrap_or_default().replace('\n', " ");
    // From the last, so that $1 is not found in $12.
    for (index, (sql_type, (name, bind))) in types.iter().zip(binds).enumerate().rev() {
        let expression = expression(name, *bind, &type_of(sql_type.as_str().unwrap_or_default()));
        sql = sql.replace(&format!("${}", index + 1), &expression);
    }
    Ok(sql)
}

fn type_of(name: &str) -> String {
    match name.strip_suffix("Array") {
        Some(item) => format!("{}[]", item.to_lowercase()),
        None => name.to_lowercase(),
    }
}

fn booking_script() -> Result<String> {
    let mirar = statement("array(select recursos_ocupados($1", MIRAR)?;
    let insert = statement("$16, true, $11, $12, $13, $12, $14", INSERT)?;
    let equipos = statement("order by q.n\n         on conflict do nothing", EQUIPOS)?;
    let flush = statement("with cambios as", FLUSH)?;
    let filled = BOOKING.replace("{mirar}", &mirar).replace("{insert}", &insert);
    Ok(filled.replace("{equipos}", &equipos).replace("{flush}", &flush))
}

/// One row of `slots`, with the ids and documents that the server would make for this booking.
fn row(number: usize, cadena: &Cadena, turno: &Turno) -> Result<String> {
    let (tenant, servicio) = (cadena.tenant, turno.servicio(cadena));
    // The server looks at all rooms of the sede, and at the equipment that the service needs.
    let rooms = cadena.sede(turno.sede).map(|sede| sede.ambientes.as_slice()).unwrap_or_default();
    let others = rooms.iter().copied().filter(|room| *room != turno.ambiente);
    let (fin, hasta) = (turno.inicio.checked_add(15.minutes())?, turno.inicio.checked_add(20.minutes())?);
    let cita = cita(servicio, turno, fin);
    let aviso = json!({ "id": cita.id, "sede_id": cita.sede_id, "mascota_id": cita.mascota_id, "medico_id": cita.medico_id,
        "inicio": cita.inicio, "fin": cita.fin, "estado": cita.estado, "sobrecupo": cita.sobrecupo });
    let columns = [
        number.to_string(),
        tenant.to_string(),
        turno.sede.to_string(),
        turno.mascota.to_string(),
        servicio.to_string(),
        turno.medico.to_string(),
        turno.ambiente.to_string(),
        turno.inicio.to_string(),
        fin.to_string(),
        hasta.to_string(),
        cita.id.to_string(),
        array(&Uuid::now_v7().to_string()),
        array(&turno.sede.to_string()),
        array(&cita.id.to_string()),
        array(&turno.medico.to_string()),
        uuids(std::iter::once(turno.ambiente).chain(others)),
        array(&serde_json::to_string(&cita)?),
        array(&aviso.to_string()),
        uuids(turno.equipo),
        u8::from(turno.equipo.is_some()).to_string(),
    ];
    let mut line = String::with_capacity(1_600);
    for (index, column) in columns.iter().enumerate() {
        let _ = write!(line, "{}\"{}\"", if index == 0 { "" } else { "," }, column.replace('"', "\"\""));
    }
    line.push('\n');
    Ok(line)
}

fn cita(servicio: Uuid, turno: &Turno, fin: Timestamp) -> Cita {
    Cita {
        id: CitaId::new(),
        sede_id: SedeId(turno.sede),
        mascota_id: MascotaId(turno.mascota),
        medico_id: UsuarioId(turno.medico),
        servicio_id: ServicioId(servicio),
        ambiente_id: Some(AmbienteId(turno.ambiente)),
        inicio: turno.inicio,
        fin,
        estado: Estado::Programada,
        motivo: None,
        anulada_motivo: None,
        anulada_por: None,
        sobrecupo: false,
        sobrecupo_motivo: None,
        serie_id: None,
        equipos: turno.equipo.map(EquipoId).into_iter().collect(),
        version: 1,
    }
}

/// An array of one element, as PostgreSQL reads it.
fn array(element: &str) -> String {
    format!("{{\"{}\"}}", element.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Any number of them.
fn uuids(ids: impl IntoIterator<Item = Uuid>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("{{{}}}", ids.join(","))
}

pub struct Pgbench<'a> {
    bench: &'a Bench<'a>,
    database: String,
    booking: PathBuf,
    reading: PathBuf,
    clients: usize,
}

/// What one call of pgbench says.
struct Report {
    done: u64,
    tps: f64,
}

/// Bookings a second in one round: as pgbench counts them, the reads of slots alone, and without these reads.
pub struct Round {
    pub raw: f64,
    pub reads: f64,
    pub net: f64,
}

impl<'a> Pgbench<'a> {
    pub fn new(bench: &'a Bench<'a>, database: &str, clients: usize) -> Result<Self> {
        let folder = &bench.place.folder;
        let (booking, reading) = (folder.join("booking.pgbench"), folder.join("reading.pgbench"));
        std::fs::write(&booking, booking_script()?)?;
        std::fs::write(&reading, READING)?;
        Ok(Self { bench, database: database.to_owned(), booking, reading, clients })
    }

    /// One round with at most `most` bookings.
    pub async fn round(&self, supply: &Supply, most: usize, seconds: u32) -> Result<Round> {
        self.fill(supply, most).await?;
        self.bench.settle().await?;
        let turns = most / self.clients;
        let reads = self.run(&self.reading, turns, (seconds / 3).max(2))?;
        let before = self.citas().await?;
        let all = self.run(&self.booking, turns, seconds)?;
        let grown = self.citas().await? - before;
        ensure!(grown as u64 == all.done, "pgbench dice {} reservas y la base tiene {grown} más", all.done);
        Ok(Round { raw: all.tps, reads: reads.tps, net: 1.0 / (1.0 / all.tps - 1.0 / reads.tps) })
    }

    async fn citas(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from citas").fetch_one(&self.bench.db).await?)
    }

    /// New slots, with ids as fresh as the server's would be.
    async fn fill(&self, supply: &Supply, count: usize) -> Result<()> {
        let mut db = self.bench.db.acquire().await?;
        sqlx::raw_sql(SLOTS).execute(&mut *db).await?;
        let mut copy = db.copy_in_raw("copy public.slots from stdin (format csv)").await?;
        for number in 0..count {
            let (cadena, turno) = supply.next()?;
            copy.send(row(number, cadena, &turno)?.into_bytes()).await?;
        }
        copy.finish().await?;
        sqlx::raw_sql("vacuum analyze public.slots").execute(&mut *db).await?;
        Ok(())
    }

    fn run(&self, script: &Path, turns: usize, seconds: u32) -> Result<Report> {
        let place: &Place = self.bench.place;
        let mut command = Command::new(&place.pgbench);
        command
            .args(["-n", "-M", "prepared", "-j", "1", "-c"])
            .arg(self.clients.to_string())
            .args(["-T", &seconds.to_string(), "-f"])
            .arg(script);
        command.args([format!("-Dclients={}", self.clients), format!("-Dturns={turns}"), "-Dturn=0".into(), "-Dnone=-".into()]);
        for (name, bind) in MIRAR.iter().chain(INSERT).chain(FLUSH) {
            if let Fixed(value) = bind {
                command.arg(format!("-Dfixed_{name}={value}"));
            }
        }
        let output = command.arg("-d").arg(place.url(&self.database)).env("PGOPTIONS", SETTINGS).output()?;
        ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
        report(&String::from_utf8_lossy(&output.stdout))
    }
}

fn report(text: &str) -> Result<Report> {
    let word = |label: &str| text.lines().find_map(|line| line.strip_prefix(label))?.split_whitespace().next();
    let read =
        || Some(Report { done: word("number of transactions actually processed: ")?.parse().ok()?, tps: word("tps = ")?.parse().ok()? });
    read().with_context(|| format!("pgbench: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever changes a statement of a booking hears it here and not in the middle of a measurement.
    #[test]
    fn the_servers_statements_are_found_and_filled() {
        let script = booking_script().expect("the statements of a booking");
        for piece in
            ["(:cita::uuid)", "(nullif(:none, '-')::text)", "(:fixed_acciones::text[])", "(:despues::jsonb[])", "(:equipos::uuid[])"]
        {
            assert!(script.contains(piece), "no {piece} in {script}");
        }
        assert!(
            !script.contains('$') && !["{mirar}", "{insert}", "{equipos}", "{flush}"].iter().any(|piece| script.contains(piece)),
            "{script}"
        );
        assert_eq!((script.matches("\\if :eco").count(), script.matches("\\endif").count()), (2, 2), "{script}");
    }

    #[test]
    fn a_document_is_one_element_of_an_array() {
        assert_eq!(array(r#"{"a":"b\"c"}"#), r#"{"{\"a\":\"b\\\"c\"}"}"#);
    }
}
