//! Links in letters: only their hash is kept. What one opens is told by a function, because who holds it has no sede.
use crate::model::{Abierta, Accion};
use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, SedeId, TutorId},
};
use sqlx::PgConnection;

/// `proposito`: all that it is good for; `None` for the page.
pub async fn insert(tx: &mut Tx, resumen: &[u8], cita: CitaId, tutor: TutorId, proposito: Option<Accion>) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into enlaces_citas (resumen, cita_id, tutor_id, creado_en, proposito) values ($1, $2, $3, $4, $5)",
        resumen,
        cita.0,
        tutor.0,
        now as _,
        proposito.map(Accion::clave)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a button does, as long as its appointment has not begun and its pet has not passed to somebody else.
pub async fn button(tx: &mut Tx, resumen: &[u8]) -> Result<Option<(CitaId, Accion)>, Problem> {
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        r#"select c.id as "id!", e.proposito as "proposito!"
             from enlaces_citas e join v_citas c on c.id = e.cita_id
            where e.resumen = $1 and e.proposito is not null and c.inicio > $2
              and exists (select from v_contactables r join v_tutores_actuales d on d.actual_id = r.tutor_id
                           where r.mascota_id = c.mascota_id and d.id = e.tutor_id)"#,
        resumen,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(|row| Some((CitaId(row.id), Accion::read(&row.proposito)?))))
}

/// What a link opens; `None` of one that does not or no longer.
pub async fn abrir(tx: &mut Tx, resumen: &[u8]) -> Result<Option<Abierta>, Problem> {
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        r#"select cita_id as "cita_id!", sede_id as "sede_id!", tutor_id as "tutor_id!", mascota as "mascota!", inicio as "inicio!",
                  estado as "estado!", sede as "sede!", direccion as "direccion!", telefono as "telefono!",
                  zona_horaria as "zona_horaria!", cadena as "cadena!", pedida as "pedida!"
             from cita_de_enlace($1, $2)"#,
        resumen,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let zona = TimeZone::get(&row.zona_horaria).map_err(Problem::internal)?;
    Ok(Some(Abierta {
        cita: CitaId(row.cita_id),
        sede_id: SedeId(row.sede_id),
        tutor: TutorId(row.tutor_id),
        mascota: row.mascota,
        inicio: row.inicio.to_jiff(),
        zona,
        estado: row.estado,
        sede: row.sede,
        direccion: row.direccion,
        telefono: row.telefono,
        cadena: row.cadena,
        pedida: row.pedida,
    }))
}

/// Links of appointments that are long over: the agenda opens two years ahead. Role `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from enlaces_citas where ctid in (select ctid from enlaces_citas where creado_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
