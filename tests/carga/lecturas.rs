//! Searches in a large chain, and the heavy reads of a chain with five years of history.
use crate::{
    abierto::{self, Peticion, Ritmo},
    mundo::{self, Cadena, Forma, Lugar, Servidor},
};
use anyhow::Result;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::rc::Rc;

/// Query number `n` of 1,000: a pet's name, an owner's surname or both; a third of them misspelt.
pub fn consulta(n: usize) -> String {
    let n = n % 1000;
    let (pet, owner) = (mundo::nombre_de_mascota(n * 131), mundo::apellidos(n * 37));
    let surname = owner.split(' ').next().unwrap_or_default();
    let text = match n % 4 {
        0 => pet,
        1 => surname.to_owned(),
        _ => format!("{pet} {surname}"),
    };
    let text = if n.is_multiple_of(3) { misspell(&text, n) } else { text };
    encode(&text)
}

/// Swaps, drops or doubles one letter, as hands do.
fn misspell(text: &str, n: usize) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = 1 + n % (letters.len() - 2);
    match n % 9 {
        0 => letters.swap(at, at + 1),
        3 => drop(letters.remove(at)),
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn get(token: &Rc<str>, path: String) -> Peticion {
    Peticion { method: Method::GET, path, token: token.clone(), body: None, expect: StatusCode::OK }
}

pub async fn run(lugar: &Lugar) -> Result<Value> {
    let grande = Forma { clave: "grande".into(), sedes: 2, medicos: 4, mascotas: 200_000 };
    let larga = Forma { clave: "larga".into(), sedes: 20, medicos: 6, mascotas: 20_000 };
    println!("Preparando una cadena de 200 000 mascotas y otra de 20 sedes con 5 años de agenda…");
    let db = mundo::crear(lugar, "lecturas", &[grande.clone(), larga.clone()]).await?;
    let system = mundo::system(lugar, db.clone())?;
    let servidor = Servidor::start(lugar, "lecturas").await?;
    let empty = mundo::leer(&db, &grande, Vec::new(), servidor.token("grande").await?).await?;
    mundo::poblar(&system, empty.tenant, grande.mascotas).await?;
    let old = mundo::leer(&db, &larga, Vec::new(), servidor.token("larga").await?).await?;
    let mascotas = mundo::poblar(&system, old.tenant, larga.mascotas).await?;
    let old = Cadena { mascotas, ..old };
    cinco_anios(&db, &old).await?;
    let search = search(&servidor, &empty.token).await?;
    let complex = complex(&servidor, &old).await?;
    Ok(json!({ "search_p99_ms": search, "complex_p99_ms": complex }))
}

async fn search(servidor: &Servidor, token: &Rc<str>) -> Result<f64> {
    let ritmo = Ritmo { rate: Some(50.0), seconds: 20.0, connections: 16 };
    let token = token.clone();
    let run = abierto::run(&servidor.address, ritmo, move |n| {
        get(&token, format!("/api/v1/pacientes?buscar={}&limite=20", consulta(n as usize)))
    })
    .await?;
    println!(
        "{:<34} p50 {:>6.2}  p95 {:>6.2}  p99 {:>6.2}  máx {:>7.2} ms, errores {}",
        "búsqueda en 200 000 mascotas, 50/s",
        run.ms(0.5),
        run.ms(0.95),
        run.ms(0.99),
        run.max_ms(),
        run.errors
    );
    Ok((run.ms(0.99) * 100.0).round() / 100.0)
}

/// Five years, 300 days each, 20 sedes × 6 vets × 6 appointments a day, and one pet with 2,000. Loaded without the
/// exclusion constraints, which are then built over it and check it whole.
async fn cinco_anios(db: &PgPool, cadena: &Cadena) -> Result<()> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "create temp table definicion as
           select conname, pg_get_constraintdef(oid) as texto from pg_constraint where conrelid = 'citas'::regclass and contype = 'x';
         do $$ declare r record; begin for r in select * from definicion loop execute format('alter table citas drop constraint %I', r.conname); end loop; end $$;
         insert into citas (tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, inicio, fin, ocupado_desde, ocupado_hasta, estado, activa, creado_en, creado_por, actualizado_en)
         select '{tenant}', gen_random_uuid(), p.sede_id, m.id, p.medico_id, '{servicio}', t.inicio, t.inicio + '15 min', t.inicio, t.inicio + '20 min', 'terminada', true, t.inicio, p.medico_id, t.inicio
           from (select distinct sede_id, medico_id, dense_rank() over (order by sede_id, medico_id) - 1 as k from planes_medicos where tenant_id = '{tenant}') p
          cross join (select d, h, ((date '{hoy}' - d) + time '08:00' + h * interval '2 hours') at time zone 'America/Lima' as inicio
                        from generate_series(1, 1500) d, generate_series(0, 5) h) t
           join (select id, row_number() over (order by id) - 1 as k, count(*) over () as n from mascotas where tenant_id = '{tenant}') m
             on m.k = (p.k * 150 + (t.d * 6 + t.h) % 150) % m.n;
         update citas set mascota_id = '{cliente}' where id in
           (select distinct on (inicio) id from citas where tenant_id = '{tenant}' and medico_id = '{medico}' order by inicio desc limit 2000);
         do $$ declare r record; begin for r in select * from definicion loop execute format('alter table citas add constraint %I %s', r.conname, r.texto); end loop; end $$;
         drop table definicion; analyze;",
        tenant = cadena.tenant,
        servicio = cadena.servicio,
        hoy = "2026-01-01",
        cliente = cadena.mascotas[0],
        medico = cadena.sedes[0].medicos[0],
    )))
    .execute(db)
    .await?;
    Ok(())
}

/// The timeline of 2,000 entries read to its end in pages of 200, a week of a sede, gaps over 20 sedes: in turns.
async fn complex(servidor: &Servidor, cadena: &Cadena) -> Result<f64> {
    let sedes: Vec<String> = cadena.sedes.iter().map(|sede| sede.id.to_string()).collect();
    let (pet, servicio, token) = (cadena.mascotas[0], cadena.servicio, cadena.token.clone());
    let all = sedes.join(",");
    let make = move |n: u64| match n % 3 {
        0 => get(&token, format!("/api/v1/pacientes/{pet}/historial?limite=200")),
        1 => get(
            &token,
            format!("/api/v1/citas?sede_id={}&fecha=2025-06-{:02}&dias=7&limite=2000", sedes[n as usize % sedes.len()], 1 + n % 20),
        ),
        _ => get(&token, format!("/api/v1/disponibilidad?servicio_id={servicio}&sedes={all}&limite=50")),
    };
    let ritmo = Ritmo { rate: Some(20.0), seconds: 20.0, connections: 8 };
    let run = abierto::run(&servidor.address, ritmo, make).await?;
    println!(
        "{:<34} p50 {:>6.2}  p95 {:>6.2}  p99 {:>6.2}  máx {:>7.2} ms, errores {} {:?}",
        "historial, semana y huecos, 20/s",
        run.ms(0.5),
        run.ms(0.95),
        run.ms(0.99),
        run.max_ms(),
        run.errors,
        run.statuses
    );
    Ok((run.ms(0.99) * 100.0).round() / 100.0)
}
