"""Local llama.cpp: model, batch scheduler, sampling, chat template. The only home of llama_cpp."""
