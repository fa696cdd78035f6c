package studio.atelier.server;

import java.nio.file.Path;
import java.util.function.Function;

/**
 * A model that the server offers.
 *
 * @param id what clients call it by
 * @param folder where its files lie
 * @param preface what goes before a question as a system message, from the question; empty for nothing. The model that
 *     comes with Atelier answers from the help page put there
 */
public record ServedModel(String id, Path folder, Function<String, String> preface) {}
