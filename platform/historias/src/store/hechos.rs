//! Facts of pets, for rules: one statement for one pet or for a thousand.
use crate::model::{LineaClinica, MascotaDeHechos, PesoDeHechos};
use kernel::{Problem, Tx, ids::MascotaId};
use pacientes::Sexo;
use sqlx::types::Json;

struct Fila {
    id: MascotaId,
    especie: String,
    raza: Option<String>,
    sexo: Sexo,
    esterilizado: Option<bool>,
    nacimiento: Option<jiff_sqlx::Date>,
    nacimiento_estimado: bool,
    fallecida_en: Option<jiff_sqlx::Date>,
    pesos: Json<Vec<PesoDeHechos>>,
    lineas: Json<Vec<LineaClinica>>,
}

/// A pet with its weights and lines, oldest first. Weights go along when records are merged; lines stay with the record
/// for which they were written, so those merged into a pet count for it.
pub type Leida = (MascotaDeHechos, Vec<PesoDeHechos>, Vec<LineaClinica>);

impl From<Fila> for Leida {
    fn from(fila: Fila) -> Self {
        let mascota = MascotaDeHechos {
            id: fila.id,
            especie: fila.especie,
            raza: fila.raza,
            sexo: fila.sexo,
            esterilizado: fila.esterilizado,
            nacimiento: fila.nacimiento.map(|date| date.to_jiff()),
            nacimiento_estimado: fila.nacimiento_estimado,
            fallecida_en: fila.fallecida_en.map(|date| date.to_jiff()),
        };
        (mascota, fila.pesos.0, fila.lineas.0)
    }
}

/// The facts of those pets that a statement names. Each pet is looked up by its keys (offset 0): the planner, which knows
/// little of conditions of row-level security, would sort all of the chain's for each batch.
macro_rules! leer {
    ($tx:expr, $which:tt, $($argument:expr),+) => {
        sqlx::query_as!(
            Fila,
            "with lote as materialized (" + $which + r#")
            select p.id as "id!: MascotaId", p.especie as "especie!", p.raza as "raza?", p.sexo as "sexo!: Sexo", p.esterilizado as "esterilizado?",
                   p.nacimiento as "nacimiento?: jiff_sqlx::Date", p.nacimiento_estimado as "nacimiento_estimado!",
                   p.fallecida_en as "fallecida_en?: jiff_sqlx::Date",
                   coalesce((select jsonb_agg(jsonb_build_object('id', w.id, 'en', w.pesado_en, 'kg', w.kg, 'condicion', w.condicion)
                                              order by w.pesado_en, w.id)
                               from v_pesos w where w.mascota_id = p.id), '[]') as "pesos!: Json<Vec<PesoDeHechos>>",
                   coalesce((select jsonb_agg(jsonb_build_object('id', h.id, 'detalle', h.detalle, 'titulo', h.titulo, 'fecha', h.fecha,
                                                                 'hasta', h.hasta, 'hasta_motivo', h.hasta_motivo, 'proxima', h.proxima,
                                                                 'anterior', h.anterior)
                                              order by h.fecha, h.id)
                               from (select p.id as registro union all select f.id from v_fusionadas f where f.fusionada_con = p.id) r
                               cross join lateral (select * from hechos_clinicos x
                                                    where x.mascota_id = r.registro and x.anulado_en is null offset 0) h), '[]')
                     as "lineas!: Json<Vec<LineaClinica>>"
              from lote l cross join lateral (select * from v_pacientes v where v.id = l.id offset 0) p order by p.id"#,
            $($argument),+
        )
        .fetch_all(&mut **$tx)
        .await
    };
}

pub async fn one(tx: &mut Tx, id: MascotaId) -> Result<Option<Leida>, Problem> {
    let filas = leer!(tx, "select $1::uuid as id", id as _)?;
    Ok(filas.into_iter().next().map(Into::into))
}

/// Pets that live, behind this one.
pub async fn batch(tx: &mut Tx, after: Option<MascotaId>, limit: i64) -> Result<Vec<Leida>, Problem> {
    let after = after.unwrap_or(MascotaId(uuid::Uuid::nil()));
    let filas = leer!(tx, "select id from v_vivas where id > $1 order by id limit $2", after as _, limit)?;
    Ok(filas.into_iter().map(Into::into).collect())
}

/// Those of these pets that live.
pub async fn some(tx: &mut Tx, ids: &[MascotaId]) -> Result<Vec<Leida>, Problem> {
    let filas = leer!(tx, "select v.id from unnest($1::uuid[]) as q(id) join v_vivas v on v.id = q.id", ids as _)?;
    Ok(filas.into_iter().map(Into::into).collect())
}
