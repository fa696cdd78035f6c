package studio.atelier.models.hub;

import java.util.List;

/**
 * A place where models are published. Any thread may ask; every question waits for the network, and is asked again by
 * the rules of {@link Retries} while that may help.
 */
public sealed interface ModelHub permits HuggingFaceHub, ModelScopeHub {
    /** How the hub is reached, and the way to the bytes of a {@link Located} file. */
    HubHttp http();

    /** The branch that is meant when nobody names one. */
    String usualRevision();

    /** Models that a query finds, best first. */
    List<ModelSummary> search(SearchQuery query, Retries retries) throws HubException, InterruptedException;

    /** What the hub says about one model. */
    ModelSummary model(RepoId repository, Retries retries) throws HubException, InterruptedException;

    /** A model's page in a browser. */
    String pageAddress(RepoId repository);

    /**
     * Pins a branch to the commit it stands for now and lists that commit's files. Their names are checked.
     *
     * @param retries the caller's patience, told about every wait
     */
    Snapshot snapshot(RepoId repository, String revision, Retries retries) throws HubException, InterruptedException;

    /** Where the bytes of a file can be had now, and what the hub says about them. One attempt. */
    Located locate(Snapshot snapshot, RepoFile file) throws HubException, InterruptedException;

    /** A question that may be asked again. */
    @FunctionalInterface
    interface Question<T> {
        T ask() throws HubException, InterruptedException;
    }

    /** Asks until there is an answer or no patience left. */
    static <T> T ask(Retries retries, Question<T> question) throws HubException, InterruptedException {
        while (true) {
            try {
                T answer = question.ask();
                retries.progressed();
                return answer;
            } catch (HubException e) {
                retries.waitAfter(e);
            }
        }
    }
}
