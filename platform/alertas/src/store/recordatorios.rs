//! Up to where the appointments of each sede were looked through for reminders.
use super::citas::PorRecordar;
use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, SedeId, TutorId},
};
use sqlx::PgConnection;

/// A look through each chain that has reminders, unless one waits already. Role `huella_jobs`.
pub async fn programar(db: &mut PgConnection, now: Timestamp, tipo: &str) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "insert into trabajos (tenant_id, id, tipo, cuerpo, clave, max_intentos, proximo_en, creado_en)
         select a.tenant_id, gen_random_uuid(), $1, '{}', 'recordatorios', 3, $2, $2
           from correos_ajustes a join tenants t on t.id = a.tenant_id and t.activo where a.recordatorios
         on conflict (tenant_id, tipo, clave) where estado = 'pendiente' do nothing",
        tipo,
        now.to_sqlx() as _
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Until the transaction ends nobody else looks through this chain.
pub async fn hold(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'recordatorios', 0))").execute(&mut **tx).await?;
    Ok(())
}

/// A sede and how far it was looked through.
pub struct SedeConZona {
    pub id: SedeId,
    pub zona: TimeZone,
    pub hasta: Option<Timestamp>,
}

pub async fn sedes(tx: &mut Tx) -> Result<Vec<SedeConZona>, Problem> {
    let rows = sqlx::query!(
        r#"select s.id as "id!", s.zona_horaria as "zona_horaria!", r.hasta as "hasta?"
             from v_sedes s left join recordatorios_sedes r on r.sede_id = s.id where s.activa order by s.id"#
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let zona = TimeZone::get(&row.zona_horaria).map_err(Problem::internal)?;
            Ok(SedeConZona { id: SedeId(row.id), zona, hasta: row.hasta.map(|at| at.to_jiff()) })
        })
        .collect()
}

/// After the first and no later than the second.
pub type Tramo = (Timestamp, Timestamp);

/// What is to be of a sede, begins in these hours, and has somebody to be reminded. In order. `por_celular`: a phone is enough,
/// also of who said nothing.
pub async fn por_recordar(tx: &mut Tx, sede: SedeId, tramo: Tramo, por_celular: bool, limit: i64) -> Result<Vec<PorRecordar>, Problem> {
    let rows = sqlx::query!(
        r#"select c.id as "id!", c.inicio as "inicio!", p.tutor_id as "tutor_id!"
             from v_citas c
             join v_mascotas m on m.id = c.mascota_id and m.fallecida_en is null
             join v_servicios s on s.id = c.servicio_id and not s.silencioso
             join v_contactables p on p.mascota_id = c.mascota_id and (p.con_correo or p.con_telefono and ($5 or exists (
                    select from tutores_canales k where k.tutor_id = p.tutor_id and k.canales && array['whatsapp', 'sms'])))
            where c.sede_id = $1 and c.inicio > $2 and c.inicio <= $3 and c.estado in ('programada', 'confirmada')
            order by c.inicio, c.id limit $4"#,
        sede.0,
        tramo.0.to_sqlx() as _,
        tramo.1.to_sqlx() as _,
        limit,
        por_celular
    )
    .fetch_all(&mut **tx)
    .await?;
    let due =
        rows.into_iter().map(|row| PorRecordar { id: CitaId(row.id), sede, inicio: row.inicio.to_jiff(), tutor: TutorId(row.tutor_id) });
    Ok(due.collect())
}

pub async fn reach(tx: &mut Tx, sede: SedeId, hasta: Timestamp) -> Result<(), Problem> {
    sqlx::query!(
        "insert into recordatorios_sedes (sede_id, hasta) values ($1, $2) on conflict (tenant_id, sede_id) do update set hasta = $2",
        sede.0,
        hasta.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
