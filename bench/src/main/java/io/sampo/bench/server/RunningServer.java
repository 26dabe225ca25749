package io.sampo.bench.server;

import java.util.List;

/**
 * A server that has accepted its first message.
 *
 * @param nameServer what clients are given, host:port
 * @param managementPorts of a cluster's nodes, which say what went between them; otherwise empty
 * @param startMillis from the start of its first process to the answer to that message
 */
public record RunningServer(
    String nameServer,
    List<Integer> managementPorts,
    List<ServerProcess> processes,
    long startMillis)
    implements AutoCloseable {

  /** The processes that make up the server. */
  public List<Long> pids() {
    return processes.stream().map(ServerProcess::pid).toList();
  }

  /** The process that handles the messages. */
  public long mainPid() {
    return processes.get(processes.size() - 1).pid();
  }

  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
  }
}
