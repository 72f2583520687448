"""Engines elsewhere: any servers that speak OpenAI's API, several of them as one."""
