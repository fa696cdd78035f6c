package studio.atelier.app.chat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Library;
import studio.atelier.app.library.Message;
import studio.atelier.app.running.Dialogue;
import studio.atelier.app.running.ModelState;
import studio.atelier.app.running.OpenModel;
import studio.atelier.app.running.RunningModel;

/**
 * Has questions answered: at once when a model is open, or as soon as one is. Keeps a few dialogues open, so that going
 * back to a conversation does not read it again. Belongs to the FX thread.
 */
public final class Answering {
    private static final int MOST_DIALOGUES = 4;

    /** What the answering needs to know of the models, so that it need not know where they are chosen. */
    public record Models(Function<Path, String> nameOf, Optional<Path> helped, Runnable openOne) {}

    private final Library library;
    private final RunningModel running;
    private final Background background;
    private final FrameBatcher frames;
    private final HelpLookup help;
    private final Models models;
    private final Map<Conversation, Answer> answers = new HashMap<>();
    private final Map<Conversation, ChatSettings> waiting = new LinkedHashMap<>();
    private final Map<Conversation, Dialogue> dialogues = new LinkedHashMap<>(16, 0.75f, true);
    private Consumer<Answer> changed = _ -> {};

    public Answering(
            Library library,
            RunningModel running,
            Background background,
            FrameBatcher frames,
            HelpLookup help,
            Models models) {
        this.library = library;
        this.running = running;
        this.background = background;
        this.frames = frames;
        this.help = help;
        this.models = models;
        running.stateProperty().subscribe(this::modelChanged);
    }

    void whenChanged(Consumer<Answer> told) {
        changed = told;
    }

    String nameOf(Path folder) {
        return models.nameOf().apply(folder);
    }

    boolean answersFromHelp(Path folder) {
        return models.helped().filter(folder::equals).isPresent();
    }

    /** What a conversation's running answer is doing; empty when there is none. */
    Optional<ChatState> stateOf(Conversation conversation) {
        return Optional.ofNullable(answers.get(conversation)).map(Answer::state);
    }

    /** Answers the last message of a conversation. */
    void answer(Conversation conversation, ChatSettings settings) {
        switch (running.stateProperty().get()) {
            case ModelState.Open open -> begin(conversation, settings, open);
            case ModelState.Loading _ -> waiting.put(conversation, settings);
            case ModelState.None _, ModelState.Refused _ -> {
                waiting.put(conversation, settings);
                models.openOne().run();
            }
        }
    }

    void stop(Conversation conversation) {
        waiting.remove(conversation);
        if (answers.containsKey(conversation)) {
            Optional.ofNullable(dialogues.get(conversation)).ifPresent(Dialogue::cancel);
        }
    }

    /** Ends all running answers where they are and writes them down: the program ends. */
    public void endAll() {
        waiting.clear();
        List.copyOf(answers.values()).forEach(Answer::giveUp);
    }

    private void begin(Conversation conversation, ChatSettings settings, ModelState.Open open) {
        boolean helped = answersFromHelp(open.info().folder()) && settings.help() == ChatSettings.HelpSource.LOOKED_UP;
        String question = conversation.messages().getLast().text();
        Message begun = Message.begun(library.newKey());
        List<Message> said = List.copyOf(conversation.messages());
        library.add(conversation, begun);
        Answer answer = new Answer(conversation, begun, library, frames, this::answerChanged);
        answers.put(conversation, answer);
        background.atOnce(
                () -> helped ? help.find(question) : Optional.<HelpLookup.Found>empty(),
                found -> ask(answer, said, settings, found),
                _ -> ask(answer, said, settings, Optional.empty()));
    }

    private void ask(Answer answer, List<Message> said, ChatSettings settings, Optional<HelpLookup.Found> found) {
        Optional<OpenModel> model = running.model();
        if (model.isEmpty()) {
            answer.giveUp();
            return;
        }
        found.flatMap(HelpLookup.Found::page).ifPresent(answer::from);
        Dialogue dialogue = dialogues.computeIfAbsent(
                answer.conversation(), _ -> model.get().newDialogue());
        dialogue.answer(Prompts.question(said, settings, found), answer::accept);
        closeOldest();
    }

    private void answerChanged(Answer answer) {
        if (answer.hasEnded()) {
            answers.remove(answer.conversation(), answer);
        }
        changed.accept(answer);
    }

    private void modelChanged(ModelState state) {
        if (state instanceof ModelState.Open open) {
            Map<Conversation, ChatSettings> now = new LinkedHashMap<>(waiting);
            waiting.clear();
            now.forEach((conversation, settings) -> begin(conversation, settings, open));
        } else {
            // The model closes its dialogues itself, and its running answers tell that they were cancelled.
            dialogues.clear();
        }
        if (state instanceof ModelState.Refused) {
            waiting.clear();
        }
    }

    private void closeOldest() {
        Iterator<Map.Entry<Conversation, Dialogue>> oldestFirst =
                dialogues.entrySet().iterator();
        while (dialogues.size() > MOST_DIALOGUES && oldestFirst.hasNext()) {
            Map.Entry<Conversation, Dialogue> oldest = oldestFirst.next();
            if (!answers.containsKey(oldest.getKey())) {
                oldestFirst.remove();
                closeBeside(oldest.getValue());
            }
        }
    }

    private void closeBeside(Dialogue gone) {
        background.atOnce(
                () -> {
                    gone.close();
                    return gone;
                },
                _ -> {},
                _ -> {});
    }
}
