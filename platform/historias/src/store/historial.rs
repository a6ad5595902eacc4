//! `antecedentes`: visits before the chain came here.
use crate::{
    antecedentes::{Antecedente, AntecedenteTipo, FichaAntecedente},
    model::mediodia,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AntecedenteId, MascotaId},
};
use uuid::Uuid;

/// Those of a pet, which may have several records, newest first, before a position.
pub async fn antecedentes(
    tx: &mut Tx,
    registros: &[MascotaId],
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<(Timestamp, Antecedente)>, Problem> {
    let (en, id) = before.unzip();
    let rows = sqlx::query!(
        r#"select id as "id: AntecedenteId", fecha, en, titulo, texto, profesional from antecedentes
            where mascota_id = any ($1) and ($2::timestamptz is null or (en, id) < ($2, $3::uuid)) order by en desc, id desc limit $4"#,
        registros as _,
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let all = rows.into_iter().map(|r| {
        let (fecha, tipo) = (r.fecha.to_jiff(), AntecedenteTipo::Visita);
        (r.en.to_jiff(), Antecedente { id: r.id, tipo, fecha, titulo: r.titulo, texto: r.texto, profesional: r.profesional })
    });
    Ok(all.collect())
}

/// Many visits at once, each of its pet.
pub async fn insert(tx: &mut Tx, all: &[(AntecedenteId, MascotaId, FichaAntecedente)]) -> Result<(), Problem> {
    let (autor, now) = (tx.author(), tx.now().to_sqlx());
    let ids: Vec<Uuid> = all.iter().map(|(id, ..)| id.0).collect();
    let mascotas: Vec<Uuid> = all.iter().map(|(_, mascota, _)| mascota.0).collect();
    let fechas: Vec<jiff_sqlx::Date> = all.iter().map(|(.., ficha)| ficha.fecha.to_sqlx()).collect();
    let en: Vec<jiff_sqlx::Timestamp> = all.iter().map(|(.., ficha)| mediodia(ficha.fecha).to_sqlx()).collect();
    let titulos: Vec<&str> = all.iter().map(|(.., ficha)| ficha.titulo.as_str()).collect();
    let text = |of: fn(&FichaAntecedente) -> Option<&str>| all.iter().map(|(.., ficha)| of(ficha)).collect::<Vec<Option<&str>>>();
    sqlx::query!(
        "insert into antecedentes (id, mascota_id, tipo, fecha, en, titulo, texto, profesional, autor_id, creado_en)
         select a.id, a.mascota, 'visita', a.fecha, a.en, a.titulo, a.texto, a.profesional, $8, $9
           from unnest($1::uuid[], $2::uuid[], $3::date[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
             as a(id, mascota, fecha, en, titulo, texto, profesional)",
        &ids,
        &mascotas,
        &fechas as _,
        &en as _,
        &titulos as _,
        &text(|ficha| ficha.texto.as_deref()) as _,
        &text(|ficha| ficha.profesional.as_deref()) as _,
        autor,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
