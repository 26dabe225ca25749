package io.sampo.bench.load;

/**
 * One kind of use that servers are compared by.
 *
 * @param name what the command line and the results call it
 * @param summary one line for people
 * @param load what is done
 * @param topics how many topics it is spread over
 * @param queuesPerTopic how many queues each topic has
 * @param mostRounds a full comparison runs it no more often than this, for those that take minutes
 */
public record Workload(
    String name, String summary, Load load, int topics, int queuesPerTopic, int mostRounds) {

  /** The queues of a topic where a workload is not about their number. */
  static final int USUAL_QUEUES = 8;

  /** Whether an agent in the server would not blur what this workload is about. */
  boolean mayAttach() {
    return !(load instanceof Fill) && !(load instanceof NoLoad);
  }

  static Workload of(String name, String summary, Load load) {
    return new Workload(name, summary, load, 1, USUAL_QUEUES, Integer.MAX_VALUE);
  }
}
