"""What a reply may be, from a JSON schema to the rules that llama.cpp draws tokens by (GBNF)."""
