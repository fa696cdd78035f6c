package studio.atelier.app.chat;

/**
 * How full the model's memory of this conversation is.
 *
 * @param tokens in the KV cache now
 * @param limit most it may hold
 */
record ContextUse(int tokens, int limit) {
    double fraction() {
        return limit == 0 ? 0 : (double) tokens / limit;
    }
}
