//! What one call may use up.
use crate::{Fault, Size, Span, World};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a manifest asks for beyond what its world has anyway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Asked {
    /// The whole call, waiting included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall: Option<Span>,
    /// Time in the guest's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Size>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_calls: Option<u32>,
    /// Of one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_response: Option<Size>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    pub wall: Span,
    pub cpu: Span,
    /// Instructions, roughly; only where nothing leaves the guest.
    pub fuel: Option<u64>,
    pub memory: Size,
    pub table_elements: usize,
    pub http_calls: u32,
    pub http_request: Size,
    pub http_response: Size,
    pub http_headers: usize,
    pub log_lines: usize,
    pub log_bytes: Size,
    pub state_value: Size,
    /// What the guest may hand over at once: an argument of a host call, or its answer.
    pub handover: Size,
}

impl Limits {
    pub fn of(world: World) -> Self {
        let wall = match world {
            World::Payment | World::Delivery | World::Notification => Span::s(15),
            World::Fiscal => Span::s(60),
            World::Alerts => Span::s(1),
        };
        let pure = world.is_pure();
        Self {
            wall,
            cpu: Span::ms(if pure { 20 } else { 200 }),
            fuel: pure.then_some(50_000_000),
            memory: Size::mib(if pure { 16 } else { 32 }),
            table_elements: 20_000,
            http_calls: if pure { 0 } else { 8 },
            http_request: Size::mib(1),
            http_response: Size::mib(4),
            http_headers: 64,
            log_lines: 100,
            log_bytes: Size::kib(32),
            state_value: Size::kib(64),
            handover: Size::mib(4),
        }
    }

    /// Why `asked` is too much, field by field.
    pub fn refuse(world: World, asked: &Asked) -> Vec<Fault> {
        let mut found = Vec::new();
        let mut over = |field: &str, is: bool, most: String| {
            if is {
                found.push(Fault::new(format!("/limits/{field}"), format!("puede ser como máximo {most}")));
            }
        };
        let most = Self::most(world);
        over("wall", asked.wall > Some(most.wall), most.wall.to_string());
        over("cpu", asked.cpu > Some(most.cpu), most.cpu.to_string());
        over("memory", asked.memory > Some(most.memory), most.memory.to_string());
        over("http-calls", asked.http_calls > Some(most.http_calls), most.http_calls.to_string());
        over("http-response", asked.http_response > Some(most.http_response), most.http_response.to_string());
        found
    }

    /// What `asked` makes of the world's own. Never beyond the most, whatever is asked.
    pub fn with(world: World, asked: &Asked) -> Self {
        let (own, most) = (Self::of(world), Self::most(world));
        Self {
            wall: asked.wall.unwrap_or(own.wall).min(most.wall),
            cpu: asked.cpu.unwrap_or(own.cpu).min(most.cpu),
            memory: asked.memory.unwrap_or(own.memory).min(most.memory),
            http_calls: asked.http_calls.unwrap_or(own.http_calls).min(most.http_calls),
            http_response: asked.http_response.unwrap_or(own.http_response).min(most.http_response),
            ..own
        }
    }

    fn most(world: World) -> Self {
        let own = Self::of(world);
        if world.is_pure() {
            return own;
        }
        Self { wall: Span::s(60), cpu: Span::s(2), memory: Size::mib(128), http_calls: 20, http_response: Size::mib(8), ..own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing(World::Payment, Asked::default(), &[])]
    #[case::the_most(World::Payment, Asked { wall: Some(Span::s(60)), memory: Some(Size::mib(128)), ..Asked::default() }, &[])]
    #[case::too_long(World::Fiscal, Asked { wall: Some(Span::s(61)), cpu: Some(Span::ms(2_001)), ..Asked::default() }, &["/limits/wall", "/limits/cpu"])]
    #[case::rules_do_not_call(World::Alerts, Asked { http_calls: Some(1), ..Asked::default() }, &["/limits/http-calls"])]
    #[case::rules_are_small(World::Alerts, Asked { memory: Some(Size::mib(17)), ..Asked::default() }, &["/limits/memory"])]
    fn what_is_too_much_is_named(#[case] world: World, #[case] asked: Asked, #[case] expected: &[&str]) {
        let found: Vec<_> = Limits::refuse(world, &asked).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(found, expected);
        let given = Limits::with(world, &asked);
        let most = Limits::most(world);
        assert!(given.wall <= most.wall && given.cpu <= most.cpu && given.memory <= most.memory && given.http_calls <= most.http_calls);
    }
}
