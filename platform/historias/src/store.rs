//! `antecedentes`: care before the chain came here.
use crate::antecedentes::{Antecedente, AntecedenteTipo, FichaAntecedente};
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
        r#"select id as "id: AntecedenteId", tipo as "tipo: AntecedenteTipo", fecha, en, titulo, texto, lote, proxima, profesional from antecedentes
            where mascota_id = any ($1) and ($2::timestamptz is null or (en, id) < ($2, $3::uuid)) order by en desc, id desc limit $4"#,
        registros as _,
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let all = rows.into_iter().map(|r| {
        let antecedente = Antecedente {
            id: r.id,
            tipo: r.tipo,
            fecha: r.fecha.to_jiff(),
            titulo: r.titulo,
            texto: r.texto,
            lote: r.lote,
            proxima: r.proxima.map(|proxima| proxima.to_jiff()),
            profesional: r.profesional,
        };
        (r.en.to_jiff(), antecedente)
    });
    Ok(all.collect())
}

/// Many at once, each of its pet.
pub async fn insert(tx: &mut Tx, all: &[(AntecedenteId, MascotaId, FichaAntecedente)]) -> Result<(), Problem> {
    let (autor, now) = (tx.author(), tx.now().to_sqlx());
    let ids: Vec<Uuid> = all.iter().map(|(id, ..)| id.0).collect();
    let mascotas: Vec<Uuid> = all.iter().map(|(_, mascota, _)| mascota.0).collect();
    let tipos: Vec<AntecedenteTipo> = all.iter().map(|(.., ficha)| ficha.tipo).collect();
    let fechas: Vec<jiff_sqlx::Date> = all.iter().map(|(.., ficha)| ficha.fecha.to_sqlx()).collect();
    let en: Vec<jiff_sqlx::Timestamp> = all.iter().map(|(.., ficha)| ficha.en().to_sqlx()).collect();
    let proximas: Vec<Option<jiff_sqlx::Date>> = all.iter().map(|(.., ficha)| ficha.proxima.map(ToSqlx::to_sqlx)).collect();
    let titulos: Vec<&str> = all.iter().map(|(.., ficha)| ficha.titulo.as_str()).collect();
    let text = |of: fn(&FichaAntecedente) -> Option<&str>| all.iter().map(|(.., ficha)| of(ficha)).collect::<Vec<Option<&str>>>();
    sqlx::query!(
        "insert into antecedentes (id, mascota_id, tipo, fecha, en, titulo, texto, lote, proxima, profesional, autor_id, creado_en)
         select a.*, $11, $12 from unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::timestamptz[], $6::text[], $7::text[], $8::text[],
                                          $9::date[], $10::text[]) as a(id, mascota, tipo, fecha, en, titulo, texto, lote, proxima, profesional)",
        &ids,
        &mascotas,
        &tipos as _,
        &fechas as _,
        &en as _,
        &titulos as _,
        &text(|ficha| ficha.texto.as_deref()) as _,
        &text(|ficha| ficha.lote.as_deref()) as _,
        &proximas as _,
        &text(|ficha| ficha.profesional.as_deref()) as _,
        autor,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
