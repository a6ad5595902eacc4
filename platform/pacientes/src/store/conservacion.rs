//! What had its time.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::TutorId};
use uuid::Uuid;

/// Owners to whom nothing happened since: not to their record, their consents or their present and past pets, who were
/// not seen either and will not be. The longest ago first.
pub async fn tutores_inactivos(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<TutorId>, Problem> {
    Ok(sqlx::query_scalar!(
        "select t.id from tutores t
          where t.actualizado_en < $1 and t.anonimizado_en is null and t.fusionado_con is null
            and not exists (select from tutores f where f.fusionado_con = t.id and f.actualizado_en >= $1)
            and not exists (select from consentimientos c where c.tutor_id = t.id and c.en >= $1)
            and not exists (select from tutores_mascotas tm join mascotas m on m.id = tm.mascota_id
                             where tm.tutor_id = t.id
                               and (m.actualizado_en >= $1
                                    or exists (select from pesos p where p.mascota_id = m.id and p.pesado_en >= $1)
                                    or exists (select from v_clinica c where c.mascota_id = m.id and c.registrado_en >= $1)
                                    or exists (select from v_visitas v where v.mascota_id = m.id and v.inicio >= $1)))
          order by t.actualizado_en, t.id limit $2",
        before.to_sqlx() as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Openings that were judged before that.
pub async fn aperturas_revisadas(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<Uuid>, Problem> {
    Ok(sqlx::query_scalar!(
        "select id from aperturas where revisada_en < $1 order by revisada_en, id limit $2",
        before.to_sqlx() as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn borrar_aperturas(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Problem> {
    sqlx::query!("delete from aperturas where id = any ($1)", ids).execute(&mut **tx).await?;
    Ok(())
}
