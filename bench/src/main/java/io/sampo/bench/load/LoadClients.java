package io.sampo.bench.load;

import java.lang.reflect.InvocationTargetException;

/**
 * Opens a client by name. By reflection, because a load process has only one client's classes: the
 * official client's Netty and Sampo's can't be on one class path.
 */
final class LoadClients {
  private LoadClients() {}

  static LoadClient open(String name, String nameServer) throws ReflectiveOperationException {
    String type =
        switch (name) {
          case "official" -> "OfficialClient";
          case "sampo" -> "OwnClient";
          default -> throw new IllegalArgumentException("no client " + name);
        };
    try {
      return Class.forName(LoadClients.class.getPackageName() + "." + type)
          .asSubclass(LoadClient.class)
          .getConstructor(String.class)
          .newInstance(nameServer);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("the client " + name + " can't be opened", e.getCause());
    }
  }
}
