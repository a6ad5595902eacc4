//! `auditoria`, read only.
use super::model::{ActorHecho, COMPARTIDAS, Hecho, Revision};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::SedeId};
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Default)]
pub struct Filter {
    pub entidad: Option<String>,
    pub entidad_id: Option<Uuid>,
    pub actor: Option<Uuid>,
    pub accion: Option<String>,
    pub desde: Option<Timestamp>,
    pub hasta: Option<Timestamp>,
    /// Also lines that belong to no sede and to no record that the sedes share.
    pub de_cadena: bool,
}

struct Row {
    id: Uuid,
    en: jiff_sqlx::Timestamp,
    actor_tipo: String,
    actor_id: Option<Uuid>,
    actor_nombre: Option<String>,
    ip: Option<String>,
    traza: Option<String>,
    sede_id: Option<SedeId>,
    accion: String,
    entidad: String,
    entidad_id: Option<Uuid>,
    ids: Option<Vec<Uuid>>,
    antes: Option<Value>,
    despues: Option<Value>,
}

impl From<Row> for Hecho {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            en: row.en.to_jiff(),
            actor: ActorHecho { tipo: row.actor_tipo, id: row.actor_id, nombre: row.actor_nombre },
            ip: row.ip,
            traza: row.traza,
            sede_id: row.sede_id,
            accion: row.accion,
            entidad: row.entidad,
            entidad_id: row.entidad_id,
            ids: row.ids,
            antes: row.antes,
            despues: row.despues,
        }
    }
}

/// Newest first, from `before` on.
pub async fn list(tx: &mut Tx, filter: &Filter, before: Option<Uuid>, limit: i64) -> Result<Vec<Hecho>, Problem> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id, a.en, a.actor_tipo, a.actor_id, a.ip, a.traza, a.sede_id, a.accion, a.entidad, a.entidad_id, a.ids, a.antes, a.despues,
                  case a.actor_tipo
                    when 'usuario' then (select u.nombres || ' ' || u.apellidos from usuarios u where u.tenant_id = a.tenant_id and u.id = a.actor_id)
                    when 'clave_api' then (select c.nombre from claves_api c where c.tenant_id = a.tenant_id and c.id = a.actor_id)
                  end as actor_nombre
             from auditoria a
            where ($1::uuid is null or a.id < $1)
              and ($2::text is null or a.entidad = $2)
              and ($3::uuid is null or a.id = any (array(
                     select h.id from auditoria h where h.entidad_id = $3
                     union all select r.id from auditoria r where r.ids is not null and $3 = any (r.ids))))
              and ($4::uuid is null or a.actor_id = $4)
              and ($5::text is null or a.accion = $5)
              and ($6::timestamptz is null or a.en >= $6)
              and ($7::timestamptz is null or a.en < $7)
              and ($8 or a.sede_id is not null or a.entidad = any($9))
            order by a.id desc limit $10"#,
        before,
        filter.entidad,
        filter.entidad_id,
        filter.actor,
        filter.accion,
        filter.desde.map(ToSqlx::to_sqlx) as _,
        filter.hasta.map(ToSqlx::to_sqlx) as _,
        filter.de_cadena,
        COMPARTIDAS as &[&str],
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Hecho::from).collect())
}

/// The last look at the chain of seals.
pub async fn revision(tx: &mut Tx) -> Result<Option<Revision>, Problem> {
    let row = sqlx::query!(
        r#"select revisada_en, eslabones, hasta as "hasta: jiff_sqlx::Timestamp", roto, motivo, anclas, sin_sellar from auditoria_revisiones"#
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Revision {
        revisada_en: row.revisada_en.to_jiff(),
        integra: row.roto.is_none(),
        eslabones: row.eslabones,
        hasta: row.hasta.map(|en| en.to_jiff()),
        roto: row.roto,
        motivo: row.motivo,
        anclas: row.anclas,
        sin_sellar: row.sin_sellar,
    }))
}
