package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import studio.atelier.engine.image.Colours;

/** What a model is told of a recipe: the prompt, and the rest of it in words behind it. */
final class RecipeWords {
    private RecipeWords() {}

    /** One text, in the language of the prompt. */
    static String of(Recipe recipe) {
        boolean chinese = isChinese(recipe);
        List<String> parts = new ArrayList<>();
        if (!recipe.prompt().isBlank()) {
            parts.add(recipe.prompt().strip());
        }
        for (Recipe.Thing thing : recipe.objects()) {
            Optional<String> colour = colourOf(recipe, thing).map(found -> Colours.hex(found.rgb()));
            parts.add(
                    chinese
                            ? thing.count() + "个" + colour.map(hex -> hex + "的").orElse("") + thing.name()
                            : thing.count() + " " + colour.map(hex -> hex + " ").orElse("") + thing.name());
        }
        for (Recipe.Colour colour : recipe.colours()) {
            boolean spoken = recipe.objects().stream()
                    .anyMatch(thing ->
                            colourOf(recipe, thing).filter(colour::equals).isPresent());
            if (!spoken && !colour.what().isBlank()) {
                String hex = Colours.hex(colour.rgb());
                parts.add(chinese ? colour.what() + "是" + hex : hex + " " + colour.what());
            }
        }
        if (!recipe.text().isBlank()) {
            String text = recipe.text().strip();
            parts.add(chinese ? "写着“" + text + "”" : "with the word \"" + text + "\"");
        }
        return String.join(chinese ? "，" : ", ", parts);
    }

    /** The colour that a recipe names for an object. */
    static Optional<Recipe.Colour> colourOf(Recipe recipe, Recipe.Thing thing) {
        String name = stem(thing.name());
        return recipe.colours().stream()
                .filter(colour -> List.of(colour.what().split("[,，、;；]")).stream()
                        .map(RecipeWords::stem)
                        .anyMatch(name::equals))
                .findFirst();
    }

    /** Stars and star are one thing here. */
    private static String stem(String word) {
        String lower = word.strip().toLowerCase(Locale.ROOT);
        return lower.length() > 3 && lower.endsWith("s") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static boolean isChinese(Recipe recipe) {
        String own = recipe.prompt().isBlank()
                ? String.join(
                        "", recipe.objects().stream().map(Recipe.Thing::name).toList())
                : recipe.prompt();
        return own.codePoints().anyMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN);
    }
}
