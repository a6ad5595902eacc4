//! What is left of an owner who was forgotten.
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::TutorId};

/// The owner and the records that were merged into them.
pub async fn group(tx: &mut Tx, id: TutorId) -> Result<Vec<TutorId>, Problem> {
    Ok(sqlx::query_scalar!("select id from tutores where id = $1 or fusionado_con = $1 order by id for update", id as _)
        .fetch_all(&mut **tx)
        .await?)
}

pub async fn blank(tx: &mut Tx, id: TutorId) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update tutores set nombres = 'Anónimo', apellidos = '', documento_tipo = null, documento_cifrado = null, documento_indice = null,
                telefono_cifrado = null, telefono_indice = null, telefono_final = null, correo_cifrado = null, correo_indice = null,
                direccion_cifrada = null, ubigeo = null, notas = null, anonimizado_en = $2, actualizado_en = $2, version = version + 1
          where id = $1",
        id as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
