//! Rehearsals and their differences.
use crate::model::medicas::{CambioEnsayo, CambioTipo, Dichas, Ensayo, EstadoEnsayo, PedidoEnsayo, Resumen};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{EnsayoId, MascotaId, SedeId},
};
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

/// A rehearsal as its work reads it.
pub struct EnCurso {
    pub ensayo: Ensayo,
    pub pedido: PedidoEnsayo,
    pub despues: Option<MascotaId>,
}

struct Fila {
    id: EnsayoId,
    pedido: Json<PedidoEnsayo>,
    estado: EstadoEnsayo,
    detalle: Option<String>,
    total: i32,
    vistas: i32,
    fallas: i32,
    reglas: Json<Resumen>,
    despues: Option<MascotaId>,
    creado_en: jiff_sqlx::Timestamp,
    creado_por: Uuid,
    terminado_en: Option<jiff_sqlx::Timestamp>,
}

impl From<Fila> for EnCurso {
    fn from(fila: Fila) -> Self {
        let pedido = fila.pedido.0;
        let ensayo = Ensayo {
            id: fila.id,
            estado: fila.estado,
            detalle: fila.detalle,
            pedido: pedido.nuevo.clone(),
            dias: pedido.dias.clone(),
            total: fila.total,
            vistas: fila.vistas,
            fallas: fila.fallas,
            reglas: fila.reglas.0,
            creado_en: fila.creado_en.to_jiff(),
            creado_por: fila.creado_por,
            terminado_en: fila.terminado_en.map(|at| at.to_jiff()),
        };
        Self { ensayo, pedido, despues: fila.despues }
    }
}

macro_rules! leer {
    ($tx:expr, $which:tt, $($argument:expr),+) => {
        sqlx::query_as!(
            Fila,
            r#"select id as "id: EnsayoId", pedido as "pedido: Json<PedidoEnsayo>", estado as "estado: EstadoEnsayo", detalle, total, vistas, fallas,
                      reglas as "reglas: Json<Resumen>", despues as "despues: MascotaId", creado_en, creado_por, terminado_en
                 from alertas_ensayos "# + $which,
            $($argument),+
        )
        .fetch_all(&mut **$tx)
        .await
    };
}

pub async fn insert(tx: &mut Tx, id: EnsayoId, pedido: &PedidoEnsayo) -> Result<(), Problem> {
    let (now, por) = (tx.now().to_sqlx(), tx.author());
    let sedes: Option<Vec<Uuid>> = pedido.nuevo.sedes.as_ref().map(|all| all.iter().map(|sede| sede.0).collect());
    sqlx::query!(
        "insert into alertas_ensayos (id, pedido, estado, hoy, total, creado_en, creado_por)
         select $1, $2, 'pendiente', $3, count(*), $4, $5 from v_vivas v
          where $6::uuid[] is null or exists (select from v_mascotas_sedes s where s.mascota_id = v.id and s.sede_id = any ($6))",
        id as _,
        json!(pedido),
        pedido.hoy.to_sqlx() as _,
        now as _,
        por,
        sedes.as_deref() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many are not over. Two that are asked for at once may both be the last one.
pub async fn en_curso(tx: &mut Tx) -> Result<i64, Problem> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from alertas_ensayos where terminado_en is null"#);
    Ok(count.fetch_one(&mut **tx).await?)
}

pub async fn find(tx: &mut Tx, id: EnsayoId) -> Result<Option<EnCurso>, Problem> {
    Ok(leer!(tx, "where id = $1", id as _)?.into_iter().next().map(Into::into))
}

/// The last one first.
pub async fn list(tx: &mut Tx, before: Option<(Timestamp, Uuid)>, limit: i64) -> Result<Vec<Ensayo>, Problem> {
    let (en, id) = before.unzip();
    let filas = leer!(
        tx,
        "where $1::timestamptz is null or (creado_en, id) < ($1, $2::uuid) order by creado_en desc, id desc limit $3",
        en.map(|at| at.to_sqlx()) as _,
        id,
        limit
    )?;
    Ok(filas.into_iter().map(|fila| EnCurso::from(fila).ensayo).collect())
}

/// Which of these pets are known in one of the sedes.
pub async fn en_sedes(tx: &mut Tx, mascotas: &[MascotaId], sedes: &[SedeId]) -> Result<Vec<MascotaId>, Problem> {
    let known = sqlx::query_scalar!(
        r#"select q.id as "id!: MascotaId" from unnest($1::uuid[]) as q(id)
            where exists (select from v_mascotas_sedes s where s.mascota_id = q.id and s.sede_id = any ($2))"#,
        mascotas as _,
        sedes as _
    );
    Ok(known.fetch_all(&mut **tx).await?)
}

/// What a portion found.
pub struct Porcion<'a> {
    pub desde: Option<MascotaId>,
    pub hasta: MascotaId,
    pub vistas: i32,
    pub fallas: i32,
    pub reglas: &'a Resumen,
    pub cambios: &'a [(MascotaId, Dichas)],
}

/// Goes on; `false` if somebody else did meanwhile.
pub async fn avanzar(tx: &mut Tx, id: EnsayoId, porcion: &Porcion<'_>) -> Result<bool, Problem> {
    let done = sqlx::query!(
        "update alertas_ensayos set estado = 'en_curso', despues = $3, vistas = vistas + $4, fallas = fallas + $5, reglas = $6
          where id = $1 and despues is not distinct from $2 and estado in ('pendiente', 'en_curso')",
        id as _,
        porcion.desde as _,
        porcion.hasta as _,
        porcion.vistas,
        porcion.fallas,
        json!(porcion.reglas)
    );
    if done.execute(&mut **tx).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let fila = |(mascota, one): &(MascotaId, Dichas)| {
        json!({
            "mascota": mascota, "clave": one.clave, "cambio": one.cambio, "regla": one.regla, "antes": one.antes, "despues": one.despues,
            "dicha_el": one.dicha_el, "dicha_hasta": one.dicha_hasta, "aviso_el": one.aviso_el,
        })
    };
    sqlx::query!(
        "insert into alertas_ensayos_cambios (ensayo_id, mascota_id, clave, cambio, regla, antes, despues, dicha_el, dicha_hasta, aviso_el)
         select $1, c.mascota, c.clave, c.cambio, c.regla, nullif(c.antes, 'null'), nullif(c.despues, 'null'), c.dicha_el, c.dicha_hasta, c.aviso_el
           from jsonb_to_recordset($2) as c(mascota uuid, clave text, cambio text, regla text, antes jsonb, despues jsonb, dicha_el date,
                dicha_hasta date, aviso_el date)",
        id as _,
        porcion.cambios.iter().map(fila).collect::<Value>()
    )
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

pub async fn terminar(tx: &mut Tx, id: EnsayoId, estado: EstadoEnsayo, detalle: Option<&str>) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update alertas_ensayos set estado = $2, detalle = left($3, 1000), terminado_en = $4 where id = $1 and terminado_en is null",
        id as _,
        if estado == EstadoEnsayo::Fallido { "fallido" } else { "terminado" },
        detalle,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which lines.
#[derive(Debug, Default)]
pub struct Filtro {
    pub cambio: Option<CambioTipo>,
    pub regla: Option<String>,
    pub after: Option<(Uuid, String)>,
}

/// By pet, so that the same rehearsal is the same list.
pub async fn cambios(tx: &mut Tx, id: EnsayoId, filtro: Filtro, limit: i64) -> Result<Vec<CambioEnsayo>, Problem> {
    let (mascota, clave) = filtro.after.unzip();
    let rows = sqlx::query!(
        r#"select c.mascota_id as "mascota_id: MascotaId", m.nombre as "mascota?", m.tutor as "tutor?", c.cambio as "cambio: CambioTipo", c.regla, c.clave,
                  c.antes, c.despues, c.dicha_el as "dicha_el: jiff_sqlx::Date", c.dicha_hasta as "dicha_hasta: jiff_sqlx::Date",
                  c.aviso_el as "aviso_el: jiff_sqlx::Date"
             from alertas_ensayos_cambios c left join v_mascotas m on m.id = c.mascota_id
            where c.ensayo_id = $1 and ($2::text is null or c.cambio = $2) and ($3::text is null or c.regla = $3)
              and ($4::uuid is null or (c.mascota_id, c.clave) > ($4, $5::text))
            order by c.mascota_id, c.clave limit $6"#,
        id as _,
        filtro.cambio.map(CambioTipo::clave),
        filtro.regla,
        mascota,
        clave,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let read = |value: Option<Value>| value.and_then(|value| serde_json::from_value(value).ok());
    let one = rows.into_iter().map(|row| CambioEnsayo {
        mascota_id: row.mascota_id,
        mascota: row.mascota.unwrap_or_default(),
        tutor: row.tutor,
        cambio: row.cambio,
        regla: row.regla,
        clave: row.clave,
        antes: read(row.antes),
        despues: read(row.despues),
        dicha_el: row.dicha_el.map(|date| date.to_jiff()),
        dicha_hasta: row.dicha_hasta.map(|date| date.to_jiff()),
        aviso_el: row.aviso_el.map(|date| date.to_jiff()),
    });
    Ok(one.collect())
}
