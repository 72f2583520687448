"""The API for other programs: what OpenAI's clients speak, answered by deliberations. No Qt."""
