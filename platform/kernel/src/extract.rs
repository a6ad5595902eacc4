//! Extractors that answer with a [`Problem`] naming every wrong field.
use crate::{App, FieldError, Problem, problem::kinds, schema, unique};
use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// A JSON body, checked against its published schema; as an answer, plain JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest<App> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        require_json(&parts.headers)?;
        parse(&read(body).await?).map(Self)
    }
}

/// 415 unless the body says that it is JSON.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::new(kinds::MEDIA_TYPE).detail("Envíe application/json."))
    }
}

/// The whole body; its size is bounded by the server's limit layer.
pub async fn read(body: Body) -> Result<Bytes, Problem> {
    body.collect().await.map(http_body_util::Collected::to_bytes).map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(current) = cause {
            if current.is::<http_body_util::LengthLimitError>() {
                return Problem::new(kinds::TOO_LARGE);
            }
            cause = current.source();
        }
        Problem::new(kinds::MALFORMED).detail("El cuerpo no llegó completo.")
    })
}

pub(crate) fn parse<T: DeserializeOwned + ToSchema + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let (value, repeated) = unique::read(bytes).map_err(|error| {
        let text = format!("El cuerpo no es JSON válido (línea {}, columna {}).", error.line(), error.column());
        Problem::new(kinds::MALFORMED).detail(text)
    })?;
    let mut errors: Vec<FieldError> = repeated.into_iter().map(|pointer| FieldError::new(pointer, "está repetido")).collect();
    errors.extend(schema::violations::<T>(&value));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    // What the schema cannot say (a date that does not exist) shows here.
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let pointer = if path == "." {
            String::new()
        } else {
            format!("/{}", path.replace('.', "/").replace("[", "/").replace(']', "").replace("//", "/"))
        };
        Problem::field(pointer, "no es válido")
    })
}

/// Parts of the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // PostgreSQL's text cannot hold U+0000, so nothing has that name.
        if parts.uri.path().contains("%00") {
            return Err(Problem::not_found());
        }
        match axum::extract::Path::<T>::from_request_parts(parts, app).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            // `/citas/hola` names nothing that can exist.
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// Query parameters. Every wrong one is named, not the first.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query).map_err(|_| Problem::new(kinds::MALFORMED).detail("Los parámetros no se pueden leer."))?;
    let mut errors: Vec<FieldError> = pairs
        .iter()
        .filter(|(_, value)| value.contains('\0'))
        .map(|(name, _)| FieldError::new(format!("?{name}"), "no puede contener el carácter nulo"))
        .collect();
    let mut seen = std::collections::HashSet::new();
    for (name, _) in &pairs {
        if !seen.insert(name.clone()) {
            errors.push(FieldError::new(format!("?{name}"), "está repetido"));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    // Take each offender out and try again, until what is left can be read.
    loop {
        match try_query::<T>(&pairs) {
            Ok(parsed) if errors.is_empty() => return Ok(parsed),
            Ok(_) => return Err(Problem::invalid(errors)),
            Err((name, detail)) => {
                let before = pairs.len();
                pairs.retain(|(known, _)| *known != name);
                errors.push(FieldError::new(format!("?{name}"), detail));
                if pairs.len() == before {
                    return Err(Problem::invalid(errors));
                }
            }
        }
    }
}

fn try_query<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, (String, String)> {
    let encoded = serde_urlencoded::to_string(pairs).unwrap_or_default();
    let parser = serde_urlencoded::Deserializer::new(url_pairs(&encoded));
    serde_path_to_error::deserialize(parser).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        let named = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.split('`').next()).map(str::to_owned);
        if let Some(name) = named("missing field `") {
            (name, "es obligatorio".to_owned())
        } else if let Some(name) = named("unknown field `") {
            (name, "no es un parámetro conocido".to_owned())
        } else {
            (path, "no es válido".to_owned())
        }
    })
}

fn url_pairs(encoded: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(encoded.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filtro {
        #[expect(dead_code, reason = "only its parsing is tested")]
        desde: u32,
        #[expect(dead_code, reason = "only its parsing is tested")]
        hasta: Option<u32>,
    }

    #[test]
    fn every_wrong_query_parameter_is_named() {
        let problem = parse_query::<Filtro>("desde=x&hasta=y&otro=1").expect_err("all three are wrong");
        let json = serde_json::to_value(&problem).expect("plain data");
        let mut names: Vec<&str> = json["errors"].as_array().expect("errors").iter().filter_map(|e| e["pointer"].as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, ["?desde", "?hasta", "?otro"]);
    }
}
