//! What waits for somebody, counted.
use crate::pendientes::{AlertasPendientes, MensajesPendientes};
use kernel::{Problem, Tx, ids::SedeId};

/// Open alerts of the pets that are known in a sede. Asked pet by pet, by index: `offset 0` keeps the planner from joining the
/// view instead, which reads every appointment of the chain and which a database that nobody analysed yet takes for cheap.
pub async fn alertas(tx: &mut Tx, sede: SedeId) -> Result<AlertasPendientes, Problem> {
    let row = sqlx::query!(
        r#"select coalesce(sum(a.abiertas), 0)::bigint as "abiertas!", coalesce(sum(a.criticas), 0)::bigint as "criticas!"
             from (select mascota_id, count(*) as abiertas, count(*) filter (where gravedad = 'critica') as criticas
                     from alertas_medicas where cerrada_en is null group by mascota_id offset 0) a
            where exists (select from v_mascotas_sedes s where s.mascota_id = a.mascota_id and s.sede_id = $1 offset 0)"#,
        sede as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(AlertasPendientes { abiertas: row.abiertas, criticas: row.criticas })
}

/// Messages of a sede that failed and nobody saw to; what owners wrote back is the chain's.
pub async fn mensajes(tx: &mut Tx, sede: SedeId) -> Result<MensajesPendientes, Problem> {
    let row = sqlx::query!(
        r#"select (select count(*) from mensajes where sede_id = $1 and estado = 'fallido' and atendido_en is null) as "fallidos!",
                  (select count(*) from mensajes_respuestas where atendida_en is null and hecho in ('por_leer', 'no_se_puede')) as "respuestas!""#,
        sede as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(MensajesPendientes { fallidos: row.fallidos, respuestas: row.respuestas })
}
