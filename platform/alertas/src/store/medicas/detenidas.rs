//! Rules that did not run: for the chain, and for single pets.
use crate::model::medicas::{Detenida, ReglaDetenida};
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::MascotaId};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub async fn todas(tx: &mut Tx) -> Result<Vec<ReglaDetenida>, Problem> {
    let rows = sqlx::query!(
        "select complemento, nombre, causa, resultado, detalle, desde, ultima_en, puede from alertas_detenidas order by complemento"
    );
    let rows = rows.fetch_all(&mut **tx).await?;
    let one = rows.into_iter().map(|row| ReglaDetenida {
        complemento: row.complemento,
        nombre: row.nombre,
        parada: row.causa == "parada",
        resultado: row.resultado,
        detalle: row.detalle,
        puede: row.puede,
        desde: row.desde.to_jiff(),
        ultima_en: row.ultima_en.to_jiff(),
    });
    Ok(one.collect())
}

/// That a rule does not run; since when stays. `true` if nobody knew.
pub async fn anotar(tx: &mut Tx, regla: &ReglaDetenida) -> Result<bool, Problem> {
    let nueva = sqlx::query_scalar!(
        r#"insert into alertas_detenidas as d (complemento, nombre, causa, resultado, detalle, desde, ultima_en, puede)
           values ($1, left($2, 200), $3, left($4, 60), left($5, 1000), $6, $6, false)
           on conflict (tenant_id, complemento) do update
              set nombre = excluded.nombre, causa = excluded.causa, resultado = excluded.resultado, detalle = excluded.detalle,
                  ultima_en = excluded.ultima_en, puede = false
           returning xmax = 0 as "nueva!""#,
        regla.complemento,
        regla.nombre,
        if regla.parada { "parada" } else { "fallas" },
        regla.resultado,
        regla.detalle,
        regla.ultima_en.to_sqlx() as _
    );
    Ok(nueva.fetch_one(&mut **tx).await?)
}

/// It can again, and has to go through all pets.
pub async fn puede(tx: &mut Tx, complementos: &[String]) -> Result<(), Problem> {
    sqlx::query!("update alertas_detenidas set puede = true where complemento = any ($1)", complementos).execute(&mut **tx).await?;
    Ok(())
}

/// Says how many are gone.
pub async fn quitar(tx: &mut Tx, complementos: &[String]) -> Result<u64, Problem> {
    let done = sqlx::query!("delete from alertas_detenidas where complemento = any ($1)", complementos);
    Ok(done.execute(&mut **tx).await?.rows_affected())
}

/// Which rules did not run for these pets, and how.
pub async fn sin_evaluar(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<HashMap<(MascotaId, String), String>, Problem> {
    let rows = sqlx::query!(
        r#"select mascota_id as "mascota: MascotaId", complemento, resultado from alertas_sin_evaluar where mascota_id = any ($1)"#,
        mascotas as _
    );
    let rows = rows.fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| ((row.mascota, row.complemento), row.resultado)).collect())
}

/// A rule that said nothing of a pet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Falla {
    pub mascota: MascotaId,
    pub complemento: String,
    pub nombre: String,
    pub resultado: String,
    pub detalle: Option<String>,
}

pub async fn anotar_fallas(tx: &mut Tx, all: &[Falla]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    let column = |of: fn(&Falla) -> &str| all.iter().map(of).collect::<Vec<&str>>();
    let mascotas: Vec<Uuid> = all.iter().map(|one| one.mascota.0).collect();
    let detalles: Vec<Option<&str>> = all.iter().map(|one| one.detalle.as_deref()).collect();
    sqlx::query!(
        "insert into alertas_sin_evaluar (mascota_id, complemento, nombre, resultado, detalle, desde)
         select f.mascota, f.complemento, left(f.nombre, 200), left(f.resultado, 60), left(f.detalle, 1000), $6
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) as f(mascota, complemento, nombre, resultado, detalle)
         on conflict (tenant_id, mascota_id, complemento) do update
            set nombre = excluded.nombre, resultado = excluded.resultado, detalle = excluded.detalle",
        &mascotas,
        &column(|one| &one.complemento) as &[&str],
        &column(|one| &one.nombre) as &[&str],
        &column(|one| &one.resultado) as &[&str],
        &detalles as &[Option<&str>],
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn quitar_fallas(tx: &mut Tx, all: &[(MascotaId, String)]) -> Result<(), Problem> {
    let mascotas: Vec<Uuid> = all.iter().map(|(mascota, _)| mascota.0).collect();
    let complementos: Vec<&str> = all.iter().map(|(_, complemento)| complemento.as_str()).collect();
    sqlx::query!(
        "delete from alertas_sin_evaluar s using unnest($1::uuid[], $2::text[]) as q(mascota, complemento)
          where s.mascota_id = q.mascota and s.complemento = q.complemento",
        &mascotas,
        &complementos as &[&str]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What nobody asks of any more: pets that died or were merged (of these, or all), and rules that are none of the known ones.
pub async fn olvidar_fallas(tx: &mut Tx, mascotas: Option<&[MascotaId]>, conocidas: Option<&HashSet<String>>) -> Result<(), Problem> {
    let conocidas: Option<Vec<String>> = conocidas.map(|all| all.iter().cloned().collect());
    sqlx::query!(
        "delete from alertas_sin_evaluar s
          where ($1::uuid[] is null or s.mascota_id = any ($1))
            and (not exists (select from v_vivas v where v.id = s.mascota_id) or not coalesce(s.complemento = any ($2), true))",
        mascotas as _,
        conocidas.as_deref() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// For people: the chain's, and how many pets each other rule left out; or of one pet with its records.
pub async fn de_personas(tx: &mut Tx, mascotas: Option<&[MascotaId]>) -> Result<Vec<Detenida>, Problem> {
    let rows = sqlx::query!(
        r#"select complemento as "complemento!", nombre as "nombre!", resultado as "resultado!", detalle, desde as "desde!", null::bigint as mascotas
             from alertas_detenidas
           union all
           select s.complemento, min(s.nombre), min(s.resultado), min(s.detalle), min(s.desde), count(*) from alertas_sin_evaluar s
            where ($1::uuid[] is null or s.mascota_id = any ($1))
              and not exists (select from alertas_detenidas d where d.complemento = s.complemento)
            group by s.complemento
            order by 1"#,
        mascotas as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let one = rows.into_iter().map(|row| Detenida {
        complemento: row.complemento,
        nombre: row.nombre,
        resultado: row.resultado,
        detalle: row.detalle,
        desde: row.desde.to_jiff(),
        mascotas: row.mascotas,
    });
    Ok(one.collect())
}
