"""What every environment shares: values and rules, the compiler, layouts, the step and its stages."""
