//! `bench escala`: what a request costs where there are 50, 500 and 5,000 sedes, and what more instances carry. The same people ask
//! the same at the same rate on the same cores, spread over all sedes; what grows is only what there is.
use crate::{
    bench::{Limits, median, round},
    instancias::{self, Pasos, Tope},
    medida::{Medida, Sala},
    multiplicar::{self, Datos, Forma},
    open_loop::Outcome,
    place::Place,
    profile::Profile,
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use std::time::Duration;

const USO: &str = "uso: carga escala [--solo tamanos|instancias] [--tamanos 50,500,5000] [--por-cadena 10] [--ritmo 800] [--segundos 15] [--corto] [--json]";
/// Requests before those of each round that are measured: pages and plans as in the middle of a day.
const WARM_UP: f64 = 3.0;
/// Numbers of requests: the same ones in each round for every size, others in the next.
const APART: u64 = 100_000_000;
/// What each size's statements are counted for.
const PROFILE: f64 = 6.0;

/// What is measured.
#[derive(Debug, Clone, PartialEq)]
struct Opciones {
    tamanos: Vec<usize>,
    con_tamanos: bool,
    instancias: Vec<usize>,
    por_cadena: usize,
    ritmo: f64,
    segundos: f64,
    rondas: usize,
    /// How long each step of the instances takes, and how many there are at most.
    paso: f64,
    pasos: usize,
    perfil: bool,
    json: bool,
}

impl Opciones {
    fn read(arguments: &[String]) -> Result<Self> {
        let given = |name: &str| arguments.windows(2).find(|pair| pair[0] == name).map(|pair| pair[1].as_str());
        let flag = |name: &str| arguments.iter().any(|argument| argument == name);
        let mut all = Self {
            tamanos: vec![50, 500, 5_000],
            con_tamanos: true,
            instancias: vec![1, 2, 4],
            por_cadena: 10,
            ritmo: 800.0,
            segundos: 15.0,
            rondas: 3,
            paso: 6.0,
            pasos: 12,
            perfil: true,
            json: flag("--json"),
        };
        if flag("--corto") {
            all = Self {
                tamanos: vec![20, 40],
                instancias: vec![1, 2],
                ritmo: 200.0,
                segundos: 3.0,
                rondas: 1,
                paso: 1.0,
                pasos: 2,
                perfil: false,
                ..all
            };
        }
        match given("--solo") {
            None => {}
            Some("tamanos") => all.instancias.clear(),
            Some("instancias") => all.con_tamanos = false,
            Some(_) => bail!(USO),
        }
        if let Some(list) = given("--tamanos") {
            all.tamanos = list.split(',').map(str::parse::<usize>).collect::<Result<Vec<_>, _>>().context(USO)?;
        }
        let number = |name: &str, usual: f64| given(name).map_or(Ok(usual), |text| text.parse::<f64>().context(USO));
        all.ritmo = number("--ritmo", all.ritmo)?;
        all.segundos = number("--segundos", all.segundos)?;
        all.por_cadena = given("--por-cadena").map_or(Ok(all.por_cadena), |text| text.parse::<usize>().context(USO))?;
        let whole = |sedes: &usize| *sedes > 0 && sedes.is_multiple_of(all.por_cadena);
        ensure!(all.por_cadena > 0 && all.tamanos.iter().all(whole), "los tamaños son múltiplos de --por-cadena ({})", all.por_cadena);
        ensure!(!all.tamanos.is_empty() && all.tamanos.is_sorted(), "los tamaños van de menor a mayor");
        // Whatever there is, as many people as the largest has sedes.
        if !all.con_tamanos {
            all.tamanos.drain(..all.tamanos.len() - 1);
        }
        Ok(all)
    }

    fn personas(&self) -> usize {
        self.tamanos.last().copied().unwrap_or_default()
    }

    fn forma(&self, sedes: usize) -> Forma {
        Forma { sedes, por_cadena: self.por_cadena, personas: self.personas().div_ceil(sedes) }
    }
}

/// What was measured of one size.
struct Tamano {
    sedes: usize,
    outcome: Option<Outcome>,
    /// CPU of a request, by round: application and database.
    rondas: Vec<(f64, f64)>,
}

impl Tamano {
    fn note(&mut self, measured: Medida) -> Result<()> {
        self.rondas.push((measured.todo.app_us, measured.todo.db_us));
        match &mut self.outcome {
            Some(outcome) => outcome.add(&measured.todo.outcome)?,
            none => *none = Some(measured.todo.outcome),
        }
        Ok(())
    }
    fn app_us(&self) -> f64 {
        median(self.rondas.iter().map(|(app, _)| *app).collect())
    }
    fn db_us(&self) -> f64 {
        median(self.rondas.iter().map(|(_, db)| *db).collect())
    }
}

/// What a request costs in the second as a part of the first: the middle of the rounds, each compared with the one beside it.
fn razon(first: &[(f64, f64)], second: &[(f64, f64)]) -> f64 {
    median(first.iter().zip(second).map(|(one, other)| (other.0 + other.1) / (one.0 + one.1)).collect())
}

pub async fn run(arguments: &[String]) -> Result<()> {
    let opciones = Opciones::read(arguments)?;
    let place = Place::from_env()?;
    place.redis.as_ref().context("falta REDIS_URL: use `cargo xtask bench escala`")?;
    let mut all = Vec::new();
    for sedes in &opciones.tamanos {
        all.push(multiplicar::hacer(&place, opciones.forma(*sedes)).await?);
    }
    let tamanos = if opciones.con_tamanos { tamanos(&place, &all, &opciones).await? } else { Vec::new() };
    let topes = match (all.last(), opciones.instancias.is_empty()) {
        (Some(largest), false) => {
            let pasos = Pasos { cuantos: opciones.pasos, segundos: opciones.paso };
            instancias::medir(&place, largest, opciones.personas(), &opciones.instancias, pasos).await?
        }
        _ => Vec::new(),
    };
    limites(&all, &tamanos).print();
    let report = Value::Object(informe(&all, &tamanos, &topes));
    println!("{}", if opciones.json { serde_json::to_string(&report)? } else { serde_json::to_string_pretty(&report)? });
    Ok(())
}

/// All sizes in turns, so that whatever else the machine does meets all of them.
async fn tamanos(place: &Place, all: &[Datos], opciones: &Opciones) -> Result<Vec<Tamano>> {
    println!("{} personas, {:.0} solicitudes por segundo, las mismas sobre cada tamaño:", opciones.personas(), opciones.ritmo);
    let (mut salas, mut found) = (Vec::new(), Vec::new());
    for datos in all {
        contar(&datos.db, false).await?;
        let mut sala = Sala::vacia(place, datos, opciones.personas()).await?;
        sala.sumar().await?;
        salas.push(sala);
        found.push(Tamano { sedes: datos.forma.sedes, outcome: None, rondas: Vec::new() });
    }
    for ronda in 0..opciones.rondas {
        for turn in 0..salas.len() {
            // Nobody is always the first after all others.
            let which = (turn + ronda) % salas.len();
            let (sala, base) = (&salas[which], 2 * ronda as u64 * APART);
            sala.al_dia().await?;
            sala.medir(opciones.ritmo, WARM_UP, base).await?;
            let measured = sala.medir(opciones.ritmo, opciones.segundos, base + APART).await?;
            measured.todo.show(&format!("{} sedes, ronda {}", sala.datos.forma.sedes, ronda + 1));
            found[which].note(measured)?;
        }
    }
    tabla(all, &found);
    if opciones.perfil {
        for sala in &salas {
            perfil(sala, opciones.ritmo, 2 * opciones.rondas as u64 * APART).await?;
        }
    }
    Ok(found)
}

/// Where the time goes. Counted after all else, for counting costs.
async fn perfil(sala: &Sala<'_>, ritmo: f64, desde: u64) -> Result<()> {
    println!("\nEn qué se va, con {} sedes:", sala.datos.forma.sedes);
    sala.al_dia().await?;
    contar(&sala.datos.db, true).await?;
    let profile = Profile::start(&sala.datos.db).await?;
    let measured = sala.medir(ritmo, PROFILE, desde).await?;
    profile.show(&measured.todo).await?;
    contar(&sala.datos.db, false).await
}

/// Has the database count its statements, if it can.
async fn contar(db: &PgPool, on: bool) -> Result<()> {
    let can: bool = sqlx::query_scalar("select current_setting('pg_stat_statements.track', true) is not null").fetch_one(db).await?;
    if can {
        let set =
            if on { "alter system set pg_stat_statements.track = 'top'" } else { "alter system set pg_stat_statements.track = 'none'" };
        sqlx::query(set).execute(db).await?;
        sqlx::query("select pg_reload_conf()").execute(db).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

fn tabla(all: &[Datos], found: &[Tamano]) {
    let [sedes, cadenas, mb, rate, errors] = ["sedes", "cadenas", "MB", "por s", "errores"];
    println!(
        "\n{sedes:>7}  {cadenas:>8}  {mb:>7}  {rate:>8}  {errors:>8}  p50, p95, p99 ms              CPU µs por solicitud: app, base, todo    razón"
    );
    for (datos, tamano) in all.iter().zip(found) {
        let Some(outcome) = &tamano.outcome else { continue };
        let (app, db) = (tamano.app_us(), tamano.db_us());
        println!(
            "{:>7}  {:>8}  {:>7.0}  {:>8.1}  {:>8}  {:>7.2}  {:>7.2}  {:>8.2}   {app:>8.0}  {db:>8.0}  {:>8.0}  {:>22.2}",
            tamano.sedes,
            datos.forma.cadenas(),
            datos.mb,
            outcome.rate(),
            outcome.errors,
            outcome.ms(0.5),
            outcome.ms(0.95),
            outcome.ms(0.99),
            app + db,
            found.first().map_or(1.0, |first| razon(&first.rondas, &tamano.rondas))
        );
    }
}

/// What was promised. A missed figure ends in «no», not in a failure.
fn limites(all: &[Datos], found: &[Tamano]) -> Limits {
    let mut limits = Limits::default();
    if let [first, .., last] = found {
        let name = format!("costo de una solicitud, {} sedes frente a {}", last.sedes, first.sedes);
        limits.at_most(&name, razon(&first.rondas, &last.rondas), 1.3);
    }
    for tamano in found {
        limits.at_most(
            &format!("{} sedes, errores", tamano.sedes),
            tamano.outcome.as_ref().map_or(0, |outcome| outcome.errors) as f64,
            0.0,
        );
    }
    if let Some(last) = all.last() {
        limits.at_most(&format!("preparar {} sedes, s", last.forma.sedes), last.segundos, 360.0);
        let gb = (all.iter().map(|datos| datos.mb).sum::<f64>() + last.wal_mb) / 1e3;
        limits.at_most("disco de todo, GB", gb, 12.0);
    }
    limits
}

/// `p99_ms_50`, …, `cost_ratio`, and what else is known.
fn informe(all: &[Datos], found: &[Tamano], topes: &[Tope]) -> Map<String, Value> {
    let mut report = Map::new();
    let mut note = |name: String, value: f64| drop(report.insert(name, json!(round(value))));
    for tamano in found {
        let Some(outcome) = &tamano.outcome else { continue };
        note(format!("p99_ms_{}", tamano.sedes), outcome.ms(0.99));
        note(format!("app_cpu_us_{}", tamano.sedes), tamano.app_us());
        note(format!("db_cpu_us_{}", tamano.sedes), tamano.db_us());
        note(format!("errors_{}", tamano.sedes), outcome.errors as f64);
    }
    if let [first, .., last] = found {
        note("cost_ratio".into(), razon(&first.rondas, &last.rondas));
    }
    for datos in all {
        note(format!("build_s_{}", datos.forma.sedes), datos.segundos);
        note(format!("disk_mb_{}", datos.forma.sedes), datos.mb);
    }
    for tope in topes {
        note(format!("limit_rps_{}", tope.instancias), tope.rps);
    }
    if !topes.is_empty() {
        report.insert("instances".into(), json!(topes));
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str) -> Result<Opciones> {
        Opciones::read(&arguments.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn parts_and_sizes_are_chosen() {
        let usual = read("").expect("the usual");
        assert_eq!((usual.tamanos.as_slice(), usual.personas(), usual.con_tamanos), (&[50, 500, 5_000][..], 5_000, true));
        assert_eq!(usual.forma(50), Forma { sedes: 50, por_cadena: 10, personas: 100 });
        assert_eq!((usual.forma(5_000).personas, usual.forma(5_000).cadenas()), (1, 500));
        let some = read("--tamanos 50,500 --solo tamanos --segundos 2").expect("some");
        assert_eq!((some.tamanos.as_slice(), some.instancias.is_empty(), some.segundos), (&[50, 500][..], true, 2.0));
        // Instances are measured over the largest; nothing else has to be built.
        let instances = read("--solo instancias").expect("instances");
        assert_eq!((instances.tamanos.as_slice(), instances.con_tamanos), (&[5_000][..], false));
        assert!(read("--corto").expect("a short one").rondas == 1);
        for wrong in ["--solo nada", "--tamanos cien", "--tamanos 500,50", "--tamanos 55", "--ritmo x", "--por-cadena 0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rounds_are_compared_side_by_side() {
        // A machine that was slow in one round was slow for both.
        let (few, many) = ([(100.0, 300.0), (200.0, 600.0), (100.0, 300.0)], [(110.0, 330.0), (220.0, 660.0), (150.0, 450.0)]);
        assert!((razon(&few, &many) - 1.1).abs() < 1e-9, "{}", razon(&few, &many));
        assert_eq!(razon(&few, &few), 1.0);
    }

    #[test]
    fn the_report_has_the_promised_keys() {
        let size = |sedes, cost| Tamano { sedes, outcome: None, rondas: vec![(cost, cost)] };
        let report = informe(&[], &[size(50, 100.0), size(500, 110.0), size(5_000, 120.0)], &[]);
        assert_eq!(report.get("cost_ratio"), Some(&json!(1.2)));
        // What was not measured is not there.
        assert!(!report.contains_key("p99_ms_50") && !report.contains_key("instances"));
    }
}
