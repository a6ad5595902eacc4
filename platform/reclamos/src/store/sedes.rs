//! The sedes that have a book, and their holidays.
use crate::model::{Establecimiento, Proveedor};
use jiff::{civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::SedeId};
use std::collections::{BTreeSet, HashMap};

/// All that are open, by name.
pub async fn establecimientos(tx: &mut Tx) -> Result<Vec<Establecimiento>, Problem> {
    let rows = sqlx::query!(
        r#"select e.id as "id!: SedeId", e.nombre as "sede!", coalesce(e.direccion || ', ', '') || e.ciudad as "direccion!",
                  e.zona_horaria as "zona_horaria!", e.razon_social as "razon_social!", e.ruc as "ruc!", c.nombre as "cadena!"
             from v_establecimientos e join v_cadena c on c.tenant_id = e.tenant_id where e.activa order by e.nombre"#
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let zona = TimeZone::get(&row.zona_horaria).map_err(Problem::internal)?;
            let proveedor =
                Proveedor { cadena: row.cadena, razon_social: row.razon_social, ruc: row.ruc, sede: row.sede, direccion: row.direccion };
            Ok(Establecimiento { id: row.id, zona, proveedor })
        })
        .collect()
}

/// National and regional holidays of some sedes, from one day to another.
pub async fn feriados(tx: &mut Tx, sedes: &[SedeId], desde: Date, hasta: Date) -> Result<HashMap<SedeId, BTreeSet<Date>>, Problem> {
    let ids: Vec<uuid::Uuid> = sedes.iter().map(|sede| sede.0).collect();
    let rows = sqlx::query!(
        r#"select e.id as "id!: SedeId", f.fecha as "fecha!" from v_establecimientos e join v_feriados f on starts_with(e.ubigeo, f.ambito)
            where e.id = any ($1) and f.fecha between $2 and $3"#,
        &ids,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut all: HashMap<SedeId, BTreeSet<Date>> = HashMap::new();
    for row in rows {
        all.entry(row.id).or_default().insert(row.fecha.to_jiff());
    }
    Ok(all)
}
