package studio.atelier.app.updates;

/** How far looking for a newer version is. */
public sealed interface UpdateState {
    /** Nobody looked. */
    record NotLooked() implements UpdateState {}

    record Looking() implements UpdateState {}

    /** Nothing newer was published. */
    record Newest() implements UpdateState {}

    record Newer(Release release) implements UpdateState {}

    /** Why it is not known, one sentence. */
    record Failed(String message) implements UpdateState {}
}
